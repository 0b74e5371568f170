"""Hard cases of English news text, cut where a reader of news would cut them.

All but the last group were written before any splitter was tried. A bar ``¦`` stands where
a sentence ends and another begins; ``GOLDEN`` pairs each text, without its bars, with its
sentences. Where readers would differ, the table wants the longer sentence: an answer may
stand in a sentence that is too long, but not in half of one.
"""

_CASES = [
    # Ranks and titles
    "Brig. Gen. Zeid al-Saleh told state TV that rebels must leave.¦ "
    "Col. Abo Bakr said a provisional deal was agreed to before talks fell apart.",
    "Mr. and Mrs. Smith met Dr. Jones.¦ Prof. Lee did not come.",
    "Sen. Ted Kennedy, Rep. Jim Wright and Gov. Mario Cuomo voted.",
    "Lt. Col. Oliver North spoke to Maj. Gen. Richard Secord.",
    "The Rev. Jesse Jackson met the Rt. Hon. Margaret Thatcher.",
    "Messrs. Brown and Green resigned.¦ Ms. White stayed.",
    "Defense Secretary Adm. William Crowe and Sgt. Maj. Ray Cole were there.",
    "He is survived by Sammy Davis Jr. and Ken Griffey Sr. of Ohio.",
    "The award went to Robert Downey Jr.¦ He thanked his wife.",
    "GEN. COLIN POWELL MEETS MR. SHULTZ",
    "She holds a Ph.D. in physics.¦ Her brother has an M.B.A. from Yale.",
    # Initials
    "President George W. Bush met J.K. Rowling.",
    "J. P. Morgan and E. F. Hutton rose.¦ Others fell.",
    "Samuel L. Jackson and J. J. Abrams left.¦ A. A. Milne stayed.",
    "The case of Roe v. Wade follows Brown v. Board of Education.",
    "The court heard Jones vs. Smith on Monday.",
    "There is no plan B.¦ The talks must succeed.",
    # U.S. and its kin
    "The U.S. President met U.K. officials.¦ They talked about the U.N. Security Council.",
    "He has lived for years in the U.S.¦ The president has not.",
    "Oil was shipped from the U.S. to Japan.",
    "Exports to the U.S.¦ In March they fell again.",
    "The U.S. Federal Reserve and the U.S. Supreme Court disagreed.",
    "He was born in Washington, D.C.¦ He died in St. Louis, Mo.",
    "The U.N.Security Council met.",
    "The F.B.I. and the C.I.A. declined to comment.",
    "The U.S.S.R. Foreign Ministry protested.¦ It gave no details.",
    "U.S.-Japan trade fell.¦ U.S.-led forces withdrew.",
    # Companies
    "General Motors Corp. said it would close the plant.",
    "Shares of Apple Computer Inc. rose.¦ International Business Machines Corp. fell.",
    "He works for Smith Bros. & Co. Ltd. in London.",
    "It was bought by Texaco Inc.¦ The price was not disclosed.",
    "Yahoo! Inc. bought it.¦ Shares in Yahoo! rose.",
    "It was sold to Salomon Bros. Inc. by Philip Morris Cos. Inc.",
    # Reuters, 1987
    "Champion Products Inc said its board approved a two-for-one stock split.¦ "
    "The company has 5.2 mln shares.",
    "Shr 34 cts vs. 1.19 dlrs.¦ Net 807,000 vs. 2,858,000.",
    "Revs 12.3 mln dlrs vs 10.1 mln.¦ Year ended Dec. 31.",
    "Oper net excludes gains of 1.3 mln dlrs, or 12 cts/shr.¦ 1986 results restated.",
    "The Bank of England said it bought bills worth 75 mln stg.¦ "
    "That compares with the forecast of around 300 mln stg.",
    "Sales at K mart Corp. rose to 1.95 billion dlrs, or 3.5 pct.",
    "The bonds carry a coupon of 7-3/4 pct.¦ Payment is due April 10.",
    "VIACOM <VIA> SAYS NATIONAL AMUSEMENTS, INC. RAISES BID",
    # Places and addresses
    "The St. Louis Cardinals beat Ft. Worth.¦ Mt. St. Helens erupted.",
    "He lives at 10 Downing St. in London.",
    "Traders on Wall St.¦ They were not alarmed.",
    "Police in Los Angeles, Calif. arrested him.",
    "The gunman fled along Pennsylvania Ave. toward Boston, Mass. police said.",
    # Dates and times
    "The deal closes on Jan. 5, not Feb. 12.¦ It was delayed on Sept. 11.",
    "The meeting starts at 9 a.m. Monday and ends at 5 p.m. EST.",
    "It happened at 5 p.m.¦ Police said nobody was hurt.",
    "The results of 1986.¦ The results of 1987.",
    "He left in 1987.¦ 12 people followed him.",
    # Numbers
    "Prices rose 3.5 percent to $1.13bn.¦ Sales were 2.4m.",
    "He is ranked No. 10 in the world.¦ His brother is No. 3.",
    "Was he there?¦ No.¦ He was at home.",
    "The answer is no.¦ The question remains.",
    "The index fell .5 percent to 1,234.56.",
    "See pp. 12-14 and Fig. 3 of vol. 2, i.e. the appendix.",
    "Article No. 5, par. 3 of the law, Art. 7, applies.",
    # Enumerations
    "1. First, cut spending.¦ 2. Then raise taxes.",
    "The plan: (1) cut spending. (2) raise taxes.",
    "a) The first item.¦ b) The second item.",
    "• Profits rose.\n• Sales fell.\n- Costs were flat.",
    # Quotes and who said them
    "“It is over.”¦ He left.",
    '"It is over."¦ He left.',
    '"We won," he said.¦ "They lost."',
    "“Why?” he asked.¦ “Why not?” she replied.",
    '"Stop!" he cried.¦ Nobody stopped.',
    "“There is no electricity at all, no drinking water”.¦ A CNN crew saw 25 people.",
    "Kerry said “the war will continue”.¦ “There are families without bread”.",
    "She said: “He told me, ‘I did it.’”¦ The court rose.",
    "“‘Never again,’ she said.¦ ‘Never!’”¦ He nodded.",
    "He called it ‘a mistake.’¦ Others agreed.",
    "‘It’s done,’ the players’ union said.¦ ‘It’s over.’",
    'He said "I can not recall."¦ "Nor can I," said his aide.',
    '"I am sorry."¦ That was all he said.',
    "«C'est fini.»¦ He left.",
    "``We will fight,'' he said.¦ ``We will win.''¦ The crowd cheered.",
    "“We lost.¦ We will be back,” he said.",
    # Brackets
    "He left.¦ (She stayed.)¦ They met again.",
    "Profits rose (see table, p. 4).¦ Sales did not.",
    "The bank (formerly Smith & Co.) was sold.",
    "The firm (est. 1901) closed.¦ [Its owner died.]¦ Nobody wept.",
    "The minister (he resigned in May.¦ He denies it) was absent.",
    # Question and exclamation marks
    "You did what?!¦ He did not answer.",
    "Really?!?¦ Yes.¦ No!!!¦ Maybe.",
    "Who won?¦ Who lost?¦ Who cares?",
    "The group Wham! was popular.¦ The show Jeopardy! was too.",
    # Ellipses
    "I thought ... well, never mind.¦ He left.",
    "He waited... and waited… and went home.",
    "It is going to rise...¦ Certainly!¦ And how!",
    "It was over….¦ The crowd went home.",
    "He said: “The bank . . . will close.”¦ It did.",
    "“... and that was that,” he said.¦ “...It was over.”",
    # Datelines, bylines, headlines
    "WASHINGTON (CNN) -- The president said so.¦ Nobody asked.",
    "WASHINGTON, D.C. (AP) — The president said so.",
    "ST. LOUIS, March 2 - Monsanto Co. said it would sell the unit.",
    "By JOHN Q. PUBLIC\nPARIS — France said no.\n\nIt meant it.",
    "FED CHAIRMAN SAYS U.S. ECONOMY STRONG\nThe economy is strong.",
    "STOCKS FALL AGAIN.¦ DOLLAR RISES",
    "US, Western leaders calling for immediate Aleppo cease-fire\r\nEven if it falls.",
    "John Smith, Staff Writer.¦ Additional reporting by A. N. Other in Rome.",
    # A stop without a space behind it
    "The war ended.¦The next began.",
    "He was tired.¦“Go home,” she said.",
    "He said “it is over.”¦The crowd went home.",
    "Really?¦Yes.",
    "The price is 3.5m.¦It was 2.4m.",
    # Addresses of the net, files, brands
    "Visit www.example.com or http://example.com/a.b?c=d.¦ Mail me@example.com.",
    "Amazon.com and Yahoo.com fell.¦ Amazon.com Inc. recovered.",
    "The file report.pdf uses ASP.NET and Node.js version 2.0.1.",
    "He left Apple.¦ iPhone sales rose.¦ eBay fell.",
    "The talks failed.¦ al-Qaeda claimed responsibility.",
    # Latin and other abbreviations
    "Some metals, e.g. Copper and zinc, rose, i.e. became dearer.",
    "Oil, gas, etc. are cheap.¦ Smith et al. disagree.",
    "He sells books, toys, etc.¦ The shop is small.",
    "The Dept. of Energy and the Univ. of Texas agreed, approx. a year ago.",
    # Ends that are not full stops
    "He left; she stayed: nobody came",
    "A line without an end\nAnother line.¦ And more",
    "  Indented.¦   Spaced  out.  ",
    # Other scripts
    "他走了。¦她留下了。¦“为什么？”¦没有人知道。",
    "वह चला गया।¦ वह रुक गई।",
    "هل ذهب؟¦ نعم.",
    "Élodie est partie.¦ Étienne est resté.",
    # Met in real articles
    "The price of dyecast alloys No. Three and No. Five fell.",
    "The quake struck at 9.40 a.m. Tokyo time.¦ It was felt at 10 a.m. (0100 GMT).",
    "Tense relations between the U.S. And Japan eased, and the U.S. Will lift its sanctions.",
    "Workers at the Ste. Therese plant met Alex. Brown and Sons.",
    "Shares rose in the U.S.¦ On May 29, Yeltsin came.",
    "“Who was that?” Mr. Kerry asked.¦ “Who?”¦ Nobody knew.",
    "We have rights (in theory, for example).¦This country signs up to them.",
    "The shop opens at 9 p.m. Jan. 5.",
    "Cargill was sued by ADM.¦ The firms compete.",
    "A virus called Zafi.D was found, and later Bagle.AT was.",
]


def _split(case: str) -> tuple[str, list[str]]:
    pieces = (piece for line in case.splitlines() for piece in line.split("¦"))
    return case.replace("¦", ""), [piece.strip() for piece in pieces if piece.strip()]


GOLDEN: list[tuple[str, list[str]]] = [_split(case) for case in _CASES]
