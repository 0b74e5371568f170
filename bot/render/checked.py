"""A quotation that was looked up -> where it stands, and what the articles have instead."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from bot.render.layout import BLANK, INDENT, Hanging, headed, receipt
from bot.render.links import to_words
from bot.render.place import facts, places
from bot.signs import visible
from index.ask.check import Check, Match

_FOUND = {
    "exact": "In the articles word for word",
    "part": "In the articles word for word, but the sentence says more",
    "near": "Not in the articles so; nearest",
}
_TURNED = "These words stand in the articles, but the sentence may turn them round"


def check(check: Check) -> Group:
    """Where a quotation stands: word for word, or what differs, or that it stands nowhere."""
    if not check.matches:
        return Group(headed("Nowhere in the articles", ", nor anything near it."))
    told = _FOUND[check.found] if check.exact or check.found == "near" else _TURNED
    parts: list[RenderableType] = [headed(told, ":")]
    for number, match in enumerate(check.matches, start=1):
        words = match.article.text[match.start : match.end]
        parts.append(Hanging(Text(f"{number}. ", "heading"), _compared(match, check.text)))
        if match.turned:
            parts.append(Hanging(INDENT, Text(turned(match), "perhaps")))
        parts += [
            Hanging(INDENT, facts(match.article, to_words(match.article.url, words))),
            *places(match.article, INDENT, f", characters {match.start}-{match.end}"),
            receipt(str(match.receipt)),
            BLANK,
        ]
    if any(match.differences or match.around for match in check.matches):
        parts.append(Text("[-so the text has it-] {+so the article has it+}", "source"))
    else:
        parts.pop()
    return Group(*parts)


def turned(match: Match) -> str:
    """The words in the sentence that may turn round what was looked up."""
    words = dict.fromkeys(match.article.text[slice(*span)] for span in match.turned)
    return f"Mind what stands around it: {', '.join(f'“{visible(word)}”' for word in words)}"


def _compared(match: Match, asked: str) -> Text:
    """Its whole sentences, with what the text has instead: ``[-43-] {+45+}``."""
    text, body, at = Text(), match.article.text, match.start
    text.append_text(_more(body[match.whole[0] : match.start]))
    for each in match.differences:
        text.append(visible(body[at : each.found[0]]))
        if each.asked[0] < each.asked[1]:
            text.append(f"[-{visible(asked[slice(*each.asked)])}-]", "removed")
        if each.found[0] < each.found[1]:
            text.append(f"{{+{visible(body[slice(*each.found)])}+}}", "added")
        at = each.found[1]
    text.append(visible(body[at : match.end]))
    return text.append_text(_more(body[match.end : match.whole[1]]))


def _more(words: str) -> Text:
    """What the sentence has before or after the passage; signs alone are no difference."""
    shown = Text()
    if not any(sign.isalnum() for sign in words):
        return shown.append(visible(words))
    return shown.append(f"{{+{visible(words)}+}}", "added")
