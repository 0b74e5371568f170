"""The words by which a question asks whether somebody did wrong, by kinds. English only."""

from __future__ import annotations

import re

_LAW = r"""
    guilty | innocent | to[ ]blame | blamed? | at[ ]fault | liable | culpable | complicit |
    responsible[ ]for | wrongdoing | crime | criminal | illegal\w* | illicit\w* | unlawful\w* |
    wrong(?:ly)? | misconduct | negligen\w* | unethical\w* | convicted | accomplice | perjur\w* |
    (?: find | found )[ ]fault | scandal | conflict[ ]of[ ]interest | treason | arson | sleaze |
    (?: trad(?:e|ed|ing) | deal(?:ing|t)? ) [ ] .{0,30} \b inside[ ]information |
    inside[ ](?:knowledge|information) | insider[ ](?:trading|dealing)
"""
_PLEDGES = r"""
    (?: br(?:eak|oke|oken|eaking) | breach\w* | flout\w* | honou?r(?:ing)? | obey\w* | defy\w* |
    defied | ignor(?:e|ed|ing) | bend(?:ing)? | bent ) [ ] .{0,60} \b (?: laws? | rules? |
    agreements? | pact | treaty | act | promises? | code | article[ ]\d+ | regulations? | word |
    deal | contracts? | embargo | sanctions | pledges? | dut(?:y|ies) | oath | trust | confidence
    | ban | orders? | warnings? | ceasefire | truce ) | violat\w* | infring\w* | (?: go | gone |
    went )[ ]back[ ]on | renege[ds]? | betray\w* | double[- ]cross\w*
"""
_FALSEHOOD = r"""
    lie | lied | lying | liar | mislead\w* | misled | misrepresent\w* | distort\w* |
    cover(?:ed)?[ ]up | cover-?up | deceiv\w* | deceit\w* | dishonest\w* | untruthful\w* |
    exaggerat\w* | sexed[ ]up | falsif\w* | fabricat\w* | fak(?:e|ed|ing) | forg(?:e|ed|ing) |
    counterfeit\w* | cook\w*[ ]the[ ]books | phone?y | sham | hoax | fiddl\w* |
    hid(?:e|es|ing|den)? | conceal\w* | suppress\w* | withh[eo]ld\w* | ma[dk]e [ ] (?:\w+[ ]){0,3}
    up (?![ ](?:its|his|her|their)[ ]mind) | invent [ ] (?:the|his|her|a) | pretend\w* |
    propaganda | spin[ ]doctor\w* | whitewash\w* | smear\w* | slander\w* | libel\w* | defam\w* |
    (?:false|untrue) [ ]rumou?rs | spread[ ](?:\w+[ ])?(?:lies|rumou?rs) | copy | copied |
    plagiari\w* | front[ ]for | stag(?:e|ed|ing)[ ]the | leak(?:ed|ing)? | con(?:ned)?
    (?=[ ](?:the|his|her|them|people)\b) | dup(?:e|ed|ing) | trick(?:ed|ing)? | impersonat\w* |
    doctor(?:ed|ing)? [ ] (?:the|his|her|its)
"""
_MONEY = r"""
    brib\w+ | kickbacks? | backhanders? | sweeteners? | bung | fraud\w* | defraud\w* | corrupt\w*
    | launder\w* | embezzl\w* | swindl\w* | scam\w* | rig(?:ged|ging)? | price[- ]fix\w* | cartel
    | fix(?:ed|ing)?[ ](?:the[ ])?(?:match|matches|game|games|race|election|prices?) |
    manipulat\w* | collud\w* | collusion | conspir\w* | conniv\w* | dump(?:ed|ing)? |
    dodg(?:ed|ing) | dodge[ ](?:tax\w*|pay\w*|the|his|her|their|its) | evad\w* | evasion |
    squander\w* | wast(?:e|ed|ing)[ ](?:public|taxpayers) | loot(?:ed|ing)? | profiteer\w* |
    spammers? | overcharg\w* | rip(?:ped|ping)?[- ]off | extort\w* | gouging |
    (?:lin(?:e|ed|ing)|fill(?:ed|ing)?)[ ].{0,20}pockets | pocket(?:ed|ing)?[ ](?:the|his|her) |
    buy [ ] .{0,40} \b (?: job | peerage | honour | votes | influence | favours? ) | bought [ ]
    .{0,30} \b (?: favours? | influence | votes | peerages? ) | misus(?:e|ed|ing) |
    t(?:ak(?:e|es|en|ing)|ook)[ ](?:drugs|money|bribes|stimulants?|steroids) | favou?ritism |
    nepotism | cronyism | abus(?:e|ed|ing)[ ].{0,20}(?:power|position|office)
"""
_FORCE = r"""
    cheat\w* | st(?:eal\w*|ole|olen) | theft | rob(?:bed)? | burgl\w* | kill(?:ed|ing)? |
    murder\w* | assassinat\w* | massacre\w* | poison\w* | stab(?:bed)? | strangl\w* | rape[ds]? |
    kidnap\w* | abduct\w* | molest\w* | grop(?:e|ed|ing) | abuse[ds]? | mistreat\w* | assault\w* |
    torture[ds]? | harass\w* | bull(?:y|ied|ying) | intimidat\w* | blackmail\w* | threaten\w* |
    coerc\w* | persecut\w* | beat(?:en|ing)? [ ] .{1,40} [ ]to[ ]death | beat(?:en)?[ ]up |
    punch\w* | headbutt\w* | elbow(?:ed)? | spat | spit(?:ting)?[ ](?:at|on) | stamp(?:ed)?[ ]on |
    handball | kick(?:ed)?[ ](?:out[ ]at|a|an|him|her) | attack(?:ed)?[ ](?:the|his|her) |
    petrol[ ]bomb | plant(?:ed)?[ ].{0,20}bombs? | terroris\w* | h[eo]ld?[ ].{0,30}hostages? |
    sabotag\w* | hack(?:ed|ing)? | smuggl\w* | traffick\w* | tamper\w* | vandali\w* |
    smash(?:ed)?[ ]up | trespass\w* | pollut(?:e|ed|ing) |
    (?:start|provok|caus)(?:e|ed|ing)?[ ].{0,20}(?:riots?|violence|fight|trouble|brawl) |
    spy(?:ing)? | spied | espionage | bug(?:ged)? | plott?(?:ed|ing)? | incit\w* |
    stok(?:e|ed|ing) | stir(?:red)?[ ]up | carr(?:y|ied)[ ]out | dop(?:e|ed|ing) |
    banned[ ](?:drug|substance)s? | knew?[ ].{0,30}(?:taking|using)[ ](?:drugs?|THG|steroids)
"""
_UNFAIR = r"""
    racist | racism | anti-?semit\w* | sexist | bigot\w* | \w+phob(?:e|ic) | bias(?:ed)? |
    prejudice[ds]? | discriminat\w* | unfair(?:ly)? | encourage[ds]? [ ] .{0,30} (?: drinking |
    violence | crime | hatred ) | victimi[sz]\w* | scapegoat\w* | hypocri\w* | incompeten\w* |
    reckless(?:ly)? | bungl\w* | sell[ ]out | exploit(?:ed|ing|s)? | neglect(?:ed|ing)? |
    undermin(?:e|ed|ing) | meddl\w* | interfer(?:e|ed|ing) | obstruct\w* | pervert\w* |
    fail(?:ed|ing)?[ ]in[ ].{0,15}duty | hamper(?:ed|ing)? |
    (?:put|under|came[ ]under)[ ](?:improper[ ]|undue[ ])?pressure[ ](?:on|from) |
    pressur(?:ed|ing|ised) | (?:lean(?:ed|t)?|lean)[ ]on | bow(?:ed)?[ ]to[ ]pressure |
    shut(?:ting)?[ ]out | push(?:ed)?[ ]out | let[ ].{1,30}down | snub(?:bed|bing)? |
    stitch(?:ed)?[ ]up
"""
_INTENT = r"""
    knowingly | deliberate(?:ly)? | intentional(?:ly)? | secret(?:ly)? | on[ ]purpose |
    know[ ]all[ ]along | revenge | behind[ ](?:his|her|its|their)[ ]back | shred\w* | kn[eo]w [ ]
    .{0,40} (?: fakes? | false | stolen | rigged ) | ulterior | (?:just|only|merely)[ ]to | (?:
    mean | meant | intend(?:ed)? | try | tried | trying | planning | want | wanted )[ ]to[ ] (?:
    harm | hurt | kill | attack | hit | knee | injure | damage | destroy | ruin | humiliate |
    deceive | stop | silence | smash | sabotage | cheat | influence | embarrass | undermine ) |
    in[ ]order[ ]to[ ](?:hurt|harm|snub|spite|hide|avoid) |
    (?:was|is|were|are)[ ].{1,40}[ ]behind[ ]the |
    behind[ ]the[ ].{0,30}(?:attack|bombing|killing|murder|charges|plot|blast|leak|shooting|coup)s?
    |
    (?:involved|hand|part|role|implicated)[ ]in[ ].{0,40}(?:attack|bombing|killing|murder|crime|plot
    |fraud|scandal|affair|leak|abuse|coup|blast)s?
"""
WRONG = re.compile(
    rf"\b(?:{'|'.join((_LAW, _PLEDGES, _FALSEHOOD, _MONEY, _FORCE, _UNFAIR, _INTENT))})(?!\w)",
    re.VERBOSE | re.IGNORECASE,
)
"""What calls an act wrong: guilt and law, what is broken, falsehood, money, force, unfairness, and
hidden intent."""
