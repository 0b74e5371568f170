"""The first lines of a news text -> what its dateline says: the agency, and a day stated in full.

"ALEPPO, Dec. 8 (Reuters) - …" names an agency and no year, so its day stays unknown: nothing is
guessed. Pure; used only for what the source of an article doesn't say otherwise.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

LINES = 2
"""Lines with anything on them that are looked at: a headline, and the line below it."""

AGENCIES = (
    *("AAP", "AFP", "Agence France-Presse", "AKI", "Anadolu Agency", "ANI", "ANP", "ANSA", "AP"),
    *("APA", "Associated Press", "The Associated Press", "Belga", "Bernama", "Bloomberg", "BNS"),
    *("Canadian Press", "The Canadian Press", "CNA", "CNN", "ČTK", "CTK", "Dow Jones", "dpa"),
    *("DPA", "EFE", "IANS", "Interfax", "IPS", "ITAR-TASS", "Kyodo", "Kyodo News", "Lusa", "MTI"),
    *("NTB", "PA", "PA Media", "PAP", "Press Association", "PTI", "Reuters", "REUTERS", "Ritzau"),
    *("STT", "TASS", "Thomson Reuters Foundation", "UPI", "Xinhua", "Yonhap"),
)
"""What is taken for an agency in a dateline's parentheses; a country may stand there as well."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?P<month{0}>Jan(?:uary|\.)?|Feb(?:ruary|\.)?|Mar(?:ch|\.)?|Apr(?:il|\.)?|May\.?|June?\.?|"
    r"July?\.?|Aug(?:ust|\.)?|Sept?(?:ember|\.)?|Oct(?:ober|\.)?|Nov(?:ember|\.)?|"
    r"Dec(?:ember|\.)?)"
)
_YEAR = r"(?:,?[ ](?P<year{0}>(?:18|19|20)\d\d))?"
_DAY = (
    rf"(?:{_MONTH.format(1)}[ ](?P<day1>\d{{1,2}}){_YEAR.format(1)}"
    rf"|(?P<day2>\d{{1,2}})[ ]{_MONTH.format(2)}{_YEAR.format(2)})"
)
_UPPER = "A-ZÀ-ÖØ-Þ"
# A place: words in capitals, then perhaps what it lies in ("Haiti", "Ill.").
_CAPITALS = rf"[{_UPPER}][{_UPPER}.'’/-]*[{_UPPER}.](?:[ ][{_UPPER}][{_UPPER}.'’/-]*){{0,4}}"
_REGION = (
    rf"(?:,[ ](?!{_MONTH.format(9)}[ ]\d)[{_UPPER}][\w.'’-]*(?:[ ][{_UPPER}][\w.'’-]*){{0,2}})?"
)
_AGENCY = rf"\((?P<agency>{'|'.join(map(re.escape, AGENCIES))})\)"
_DATELINE = re.compile(
    rf"(?:(?P<place>{_CAPITALS}){_REGION}(?:,[ ](?:[A-Z][a-z]+day,[ ])?{_DAY})?)?"
    rf"(?:(?(place),?[ ]){_AGENCY})?[ ](?:-{{1,2}}|–|—)(?=[ ]|$)"
)


@dataclass(frozen=True, slots=True)
class Dateline:
    """What a dateline says; what it doesn't say is None."""

    outlet: str | None
    published: date | None


def find(text: str) -> Dateline | None:
    """Return what the dateline of a text says, or None if there is none in its first lines.

    >>> find("LONDON, March 3, 1987 (Reuters) - Gold rose.")
    Dateline(outlet='Reuters', published=datetime.date(1987, 3, 3))
    """
    lines = (line.strip() for line in text[:4000].splitlines())
    for line in [line for line in lines if line][:LINES]:
        match = _DATELINE.match(line)
        if match and (match["agency"] or match["day1"] or match["day2"]):
            return Dateline(match["agency"], _day(match))
    return None


def _day(match: re.Match[str]) -> date | None:
    """Return the day that stands there with its year, or None."""
    for form in "12":
        year, month, day = (match[f"{part}{form}"] for part in ("year", "month", "day"))
        if year:
            try:
                return date(int(year), _MONTHS.index(month[:3].lower()) + 1, int(day))
            except ValueError:  # 31 February
                return None
    return None
