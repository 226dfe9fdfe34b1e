"""`remove_consent_popups`: the dialogues that ask for leave to set cookies."""

from __future__ import annotations

import asyncio
from typing import Final

from nephila.fetch.browser.failures import is_navigation
from nephila.fetch.browser.overlays import UNLOCK
from nephila.fetch.browser.page_visit import PageVisit

_PLATFORMS: Final = (
    "#onetrust-consent-sdk, #onetrust-banner-sdk, #CybotCookiebotDialog, #CybotCookiebotDialogBodyUnderlay, "
    "#didomi-host, .qc-cmp2-container, #qc-cmp2-container, #usercentrics-root, #usercentrics-cmp-ui, "
    "#truste-consent-track, #consent_blackbar, .truste_overlay, .truste_box_overlay, #trustarc-banner-overlay, "
    "[id^=sp_message_container], .osano-cm-window, .cky-consent-container, .cky-overlay, .cky-modal, "
    "#cookie-law-info-bar, .cli-modal, .klaro, #klaro, #cmplz-cookiebanner-container, .cmplz-cookiebanner, "
    "#iubenda-cs-banner, #cookiescript_injected, #cookiescript_injected_wrapper, #termly-code-snippet-support, "
    ".cc-window, .cc-banner, #cc-main, #cc--main, #BorlabsCookieBox, .BorlabsCookie, #cookiefirst-root, "
    ".cookiefirst-root, #axeptio_overlay, #tarteaucitronRoot, #cmpbox, #cmpbox2, #cmpwrapper, .fc-consent-root, "
    "#gdpr-cookie-message, .moove_gdpr_cookie_modal, #moove_gdpr_cookie_info_bar, .evidon-banner, "
    "#_evidon_banner, #ccc, #shopify-pc__banner, .ot-sdk-container, #ensNotifyBanner, #ensModalWrapper, "
    "#transcend-consent-manager, #ketch-consent-banner, .ch2-container, #uniccmp, #cookiebanner, "
    "#cookie-banner, .cookie-banner, #cookie-consent, .cookie-consent, #cookie-notice, .cookie-notice, "
    ".cookie-consent-banner, #cookieConsent, .cookieConsent, #gdpr-banner, .gdpr-banner, .eupopup-container"
)
"""The elements in which the well-known consent platforms show their dialogues."""

_REFUSE: Final = (
    "#onetrust-reject-all-handler, #CybotCookiebotDialogBodyButtonDecline, #didomi-notice-disagree-button, "
    ".qc-cmp2-summary-buttons button[mode=secondary], #truste-consent-required, .osano-cm-denyAll, "
    ".osano-cm-button--type_denyAll, .cky-btn-reject, #wt-cli-reject-btn, .cli_action_button[data-cli_action=reject], "
    ".klaro .cm-btn-decline, .cm-btn-danger, .cmplz-deny, .iubenda-cs-reject-btn, #cookiescript_reject, "
    ".cc-deny, #tarteaucitronAllDenied2, #cmpwelcomebtnno, .fc-cta-do-not-consent, .moove-gdpr-infobar-reject-btn, "
    "#shopify-pc__banner__btn-decline, [data-testid=uc-deny-all-button], [data-cookiefirst-action=reject]"
)
"""Their buttons that refuse everything."""

_REJECT: Final = """({platforms, refuse}) => {
    const words = new RegExp('^(reject|refuse|decline|deny|disagree|only necessary|necessary only|alle ablehnen'
        + '|ablehnen|nur notwendige|tout refuser|refuser|rechazar|rifiuta|odrzuć|weigeren|avvisa|neka|afvis)', 'i');
    const roots = [document];
    for (const element of document.querySelectorAll(platforms)) {
        if (element.shadowRoot) roots.push(element.shadowRoot);
    }
    for (const root of roots) {
        for (const button of root.querySelectorAll(refuse)) {
            if (button.checkVisibility()) { button.click(); return true; }
        }
    }
    for (const dialogue of document.querySelectorAll(platforms)) {
        for (const button of (dialogue.shadowRoot || dialogue).querySelectorAll('button, [role=button]')) {
            if (button.checkVisibility() && words.test(button.textContent.trim())) { button.click(); return true; }
        }
    }
    return false;
}"""

_REMOVE: Final = (
    """platforms => {
    const consent = /\\bcookies?\\b|\\bconsent\\b|\\bGDPR\\b|Datenschutz|Einwilligung|privacy (?:policy|choices)/i;
    const asks = /accept|agree|allow|reject|decline|got it|\\bok\\b|akzept|zustimm|ablehn|accepter|refuser|acept/i;
    const text = element => (element.innerText || '').replace(/\\s+/g, '').length;
    const all = text(document.body);
    const content = 'main, article, [role=main]';
    const isPage = element => element.contains(document.body) || element.matches(content)
        || element.querySelector(content) !== null || text(element) > 0 && all - text(element) < 20;
    let removed = 0;
    const remove = element => { if (element.isConnected && !isPage(element)) { element.remove(); removed++; } };
    for (const element of document.querySelectorAll(platforms)) remove(element);
    const likely = '[id*=cookie i], [class*=cookie i], [id*=consent i], [class*=consent i], [id*=gdpr i], '
        + '[class*=gdpr i], [role=dialog], [role=alertdialog], [aria-modal=true], dialog[open]';
    const floats = element => ['fixed', 'sticky'].includes(getComputedStyle(element).position)
        || element.matches('dialog[open]');
    for (const found of document.querySelectorAll(likely)) {
        let top = floats(found) ? found : null;
        for (let up = found.parentElement; up && up !== document.body; up = up.parentElement) if (floats(up)) top = up;
        if (!top || !top.isConnected) continue;
        const words = (top.innerText || '').slice(0, 5000);
        if (words.length < 4000 && consent.test(words) && asks.test(words)) remove(top);
    }
    for (const frame of document.querySelectorAll('iframe')) {
        const about = `${frame.id} ${frame.title} ${frame.src}`;
        if (/sp_message_iframe|consent|cookie|cmp\\b|truste/i.test(about) && floats(frame)) remove(frame);
    }
    if (removed) ("""
    + UNLOCK
    + """)();
    return removed;
}"""
)

_GOES_AWAY: Final = 0.3
"""Seconds for a dialogue to go when it is answered."""


async def remove_consent_popups(visit: PageVisit) -> None:
    """Refuse what a dialogue asks for if it has a button for that, remove the dialogue, and let the page scroll."""
    if not (visit.run.remove_consent_popups or visit.run.magic):
        return
    from playwright.async_api import Error

    try:
        if await visit.page.evaluate(_REJECT, {"platforms": _PLATFORMS, "refuse": _REFUSE}):
            await asyncio.sleep(min(_GOES_AWAY, visit.remaining()))
    except Error as error:
        if not is_navigation(str(error)):
            raise
    try:
        await visit.page.evaluate(_REMOVE, _PLATFORMS)
    except Error as error:
        if not is_navigation(str(error)):
            raise
        # Refusing has had the page loaded again, without the dialogue.
        await visit.page.wait_for_load_state("domcontentloaded", timeout=visit.patience(reserve=0.1))
        await visit.page.evaluate(_REMOVE, _PLATFORMS)
