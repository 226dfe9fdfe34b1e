import time

import pytest

from nephila.extract.sentences import NlpSentenceChunking, sentence_ends


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Dr. Smith paid $3.50 to J. R. Jones, e.g. in cash. He left.",
         ["Dr. Smith paid $3.50 to J. R. Jones, e.g. in cash.", "He left."]),
        ('He said "Stop!" and left. She stayed.', ['He said "Stop!" and left.', "She stayed."]),
        ('"Go." She went.', ['"Go."', "She went."]),
        ("See example.com/a.b. Then v1.2.3 came.", ["See example.com/a.b.", "Then v1.2.3 came."]),
        ("Wait... what? Yes!!", ["Wait... what?", "Yes!!"]),
        ("Das kostet z.B. 3,50 Euro. Am 3. Mai kam Dr. Huber. Gut.",
         ["Das kostet z.B. 3,50 Euro.", "Am 3. Mai kam Dr. Huber.", "Gut."]),
        ("M. Dupont est là. Il pleut.", ["M. Dupont est là.", "Il pleut."]),
        ("¿Qué tal? ¡Bien! La Sra. Ruiz llegó.", ["¿Qué tal?", "¡Bien!", "La Sra. Ruiz llegó."]),
        ("Он жил в г. Москве. Потом уехал.", ["Он жил в г. Москве.", "Потом уехал."]),
        ("今天天气很好。我们去公园吧！“好的。”他说。", ["今天天气很好。", "我们去公园吧！", "“好的。”", "他说。"]),
        ("これは文です。次の文？", ["これは文です。", "次の文？"]),
        ("यह वाक्य है। यह दूसरा है।", ["यह वाक्य है।", "यह दूसरा है।"]),
        ("كيف حالك؟ أنا بخير.", ["كيف حالك؟", "أنا بخير."]),
        ("A title\n\nA text without end", ["A title", "A text without end"]),
        ("1. First item\n2. Second item", ["1. First item\n2. Second item"]),
        ("", []),
        ("  \n ", []),
    ],
)  # fmt: skip
def test_sentences(text, sentences):
    assert NlpSentenceChunking().chunk(text) == sentences


def test_the_ends_cover_the_text():
    text = "  One.  Two?\n\n\nThree"
    ends = sentence_ends(text)
    assert ends == sorted(set(ends))
    assert ends[-1] == len(text)


@pytest.mark.parametrize("bait", [".", ". ", "a.", "1. ", "\n", " ", "?!", "。", "a.b ", "\n \n", '."'])
def test_bait_takes_linear_time(bait):
    def seconds(size):
        start = time.perf_counter()
        sentence_ends(bait * (size // len(bait)))
        return time.perf_counter() - start

    assert seconds(300_000) < 40 * max(seconds(30_000), 0.01)
