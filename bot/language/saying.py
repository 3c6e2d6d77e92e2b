"""The verbs with which English prose reports speech: shared by sentence boundaries and by speech."""

from __future__ import annotations

from typing import Final

_VERBS = """
said says say told tells wrote writes tweeted tweets added adds asked asks declared declares stated states replied
replies answered responded responds explained explains insisted insists announced announces argued argues warned warns
noted notes continued continues concluded concludes recalled recalls shouted yelled cried exclaimed whispered joked
jokes quipped posted posts claimed claims admitted admits acknowledged conceded confirmed confirms denied denies vowed
promised predicted observed remarked commented complained countered retorted stressed emphasized emphasised charged
urged pleaded testified boasted bragged mused wondered lamented maintained maintains reiterated repeated suggested
suggests contended asserted asserts alleged pledged thundered
"""
SAYING_VERBS: Final = frozenset(_VERBS.split())

_FURTHER_VERBS = """
answers replying began finished retweeted reports reported reads read proclaimed chanted answering pronounced
interjected interrupted offered explained fumed vented groused protested pondered surmised opined tells telling quoted
quotes recounted remembered remembers reasoned shot fired screamed murmured muttered sighed laughed elaborated
volunteered ventured summarized summed echoed agreed agrees cautioned cautions advised assured reassured described
describes concedes acknowledges contends maintains laments recalls observes remarks vows pledges predicts promises
counters retorts stresses emphasizes complains wonders muses pleads urges demanded demands begged implored ordered
instructed reminded reminds informed confessed revealed reveals disclosed hinted implied indicated speculated figured
theorized joking asserting barked boomed bellowed roared snapped deadpanned gushed raved crowed wailed thinks thought
believes believed called calls call dubbed labeled labels labelled branded dismissed dismisses derided decried blasted
slammed ripped mocked denounced denounces criticized criticised criticizes attacked accused accuses blamed praised
praises hailed hails touted compared portrayed characterized characterizes rejected termed deemed considers named
questioned credited thanked cited cites condemned rebuked scolded chided lambasted assailed assails bashed ridiculed
railed advocated apologized applauded celebrated defended defends refers referred pointed
points tweet write argue claim insist believe ask add note warn explain chant suggest declare promise penned published
issued releases released views viewed invoked imagined pressed challenged lashed hit lectured preached concluding
texted emailed e-mailed messaged relayed lists listed highlighted outlined
"""
ATTRIBUTING_VERBS: Final = SAYING_VERBS | frozenset(_FURTHER_VERBS.split())
"""Also those that report a quoted opinion rather than a sentence: "called it “a disgrace”"."""

_PARTICIPLES = """
saying adding noting writing arguing warning insisting stressing calling telling asking tweeting declaring stating
explaining remarking claiming announcing acknowledging suggesting describing concluding promising predicting asserting
accusing admitting boasting citing joking vowing pledging emphasizing emphasising criticizing criticising slamming
blasting mocking dismissing labeling branding denouncing praising shouting yelling chanting proclaiming urging posting
reading referring replying responding recalling complaining quoting conceding contending maintaining repeating
reiterating observing commenting countering lamenting musing wondering quipping characterizing dubbing deeming
thanking blaming likening comparing hailing touting decrying deriding ridiculing chiding questioning pointing
cautioning alleging confirming denying demanding reminding assuring offering imploring pleading begging
"""
SAYING_PARTICIPLES: Final = frozenset(_PARTICIPLES.split())
