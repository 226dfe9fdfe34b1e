import pytest
import turbohtml

from nephila.extract.metadata import read_metadata


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> A \n title </title><h1>Other</h1>", "A title"),
        ("<title>Story - Site Name</title>", "Story - Site Name"),
        ("<title>Story - Site Name</title><h1>Story</h1>", "Story"),
        ("<title>Site Name | Story</title><h1>Story</h1>", "Story"),
        ("<title>Story, part 2 | Site</title><h1>story, Part 2</h1>", "story, Part 2"),
        ('<title>Story | Site</title><meta property="og:title" content="Story">', "Story"),
        ('<title>Story | Site</title><meta property="og:site_name" content="Site">', "Story"),
        ('<title>Site: Story</title><meta property="og:site_name" content="Site"><h1>Site</h1>', "Site: Story"),
        ("<title>Story | Example</title>", "Story"),
        ("<title>Example » Story</title>", "Story"),
        ("<title>Storytelling</title><h1>Story</h1>", "Storytelling"),
        ("<title>Example</title><h1>Welcome</h1>", "Example"),
        ("<title>Example | Example</title>", "Example"),
        ("<title> - | - </title>", "- | -"),
        ('<meta property="og:title" content="Shared"><h1>Head</h1>', "Shared"),
        ("<h1></h1><h1>Head</h1>", "Head"),
        ("<title></title>", None),
    ],
)
def test_title(html, title):
    assert read_metadata(turbohtml.parse(html), "https://www.example.com/x")["title"] == title
