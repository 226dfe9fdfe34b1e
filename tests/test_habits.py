"""What is remembered of a site's pages."""

from __future__ import annotations

from nephila.habits import Finding, Habits

NEEDS, PLAIN, IN_VAIN = Finding.NEEDS_SCRIPTS, Finding.PLAIN, Finding.IN_VAIN


def learn(habits: Habits, address: str, *findings: Finding) -> None:
    for finding in findings:
        habits.learn(address, finding)


def test_three_alike_are_a_habit() -> None:
    habits = Habits()
    learn(habits, "https://a.example/shop/1", NEEDS, NEEDS)
    assert habits.expected("https://a.example/shop/2") is None
    learn(habits, "https://a.example/shop/3?x=1", NEEDS)
    assert habits.expected("https://a.example/shop/4") is NEEDS
    assert habits.expected("https://a.example:8443/shop/4") is None


def test_another_finding_begins_anew() -> None:
    habits = Habits()
    learn(habits, "https://a.example/shop/1", NEEDS, NEEDS, NEEDS, PLAIN)
    assert habits.expected("https://a.example/shop/2") is None
    learn(habits, "https://a.example/shop/1", NEEDS, NEEDS)
    assert habits.expected("https://a.example/shop/2") is None
    learn(habits, "https://a.example/shop/1", NEEDS)
    assert habits.expected("https://a.example/shop/2") is NEEDS


def test_every_twentieth_page_is_looked_at_afresh() -> None:
    habits = Habits()
    learn(habits, "https://a.example/shop/1", NEEDS, NEEDS, NEEDS)
    found = [habits.expected("https://a.example/shop/2") for _ in range(60)]
    assert [position for position, one in enumerate(found, 1) if one is None] == [20, 40, 60]


def test_folders_of_a_site_may_differ() -> None:
    habits = Habits()
    learn(habits, "https://a.example/shop/1", *[NEEDS] * 10)
    learn(habits, "https://a.example/news/1", *[IN_VAIN] * 3)
    learn(habits, "https://a.example/about", *[PLAIN] * 3)
    assert habits.expected("https://a.example/shop/2") is NEEDS
    assert habits.expected("https://a.example/news/2") is IN_VAIN
    assert habits.expected("https://a.example/imprint") is PLAIN
    assert habits.expected("https://a.example/") is PLAIN
    assert habits.expected("https://a.example/new/page") is None


def test_new_folder_of_a_site_whose_pages_are_alike() -> None:
    habits = Habits()
    learn(habits, "https://a.example/shop/1", *[NEEDS] * 5)
    assert habits.expected("https://a.example/news/1") is None
    learn(habits, "https://a.example/help/1", NEEDS)
    assert habits.expected("https://a.example/news/1") is NEEDS
    # Of this folder too little is known, though more of its site.
    assert habits.expected("https://a.example/help/2") is None


def test_memory_is_bounded() -> None:
    habits = Habits(most=10)
    learn(habits, "https://kept.example/a/1", NEEDS, NEEDS, NEEDS)
    for number in range(100):
        habits.learn(f"https://{number}.example/a/1", PLAIN)
        habits.learn("https://kept.example/a/1", NEEDS)
    assert len(habits) == 10
    assert habits.expected("https://kept.example/a/2") is NEEDS
