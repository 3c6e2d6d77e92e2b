"""Common first names by the pronoun that goes with them, so that "she said" is not put on a man. Used by `people`.

Names given to both (Robin, Kim, Alex) are in neither list.
"""

from __future__ import annotations

from typing import Final

_MALE = """
aaron abdul adam ahmed alan albert alejandro alexander alexei ali allen andre andrew andrey anthony anton antonio
antony arthur barack ben benjamin bernard bernie bill billy bob bobby boris brad brandon brendan brent brett brian
bruce bryan carl carlos charles charlie chris christopher chuck clarence cliff colin corey craig curtis dan daniel
darrell dave david dean dennis derek dick dmitri dmitry dominic don donald doug douglas dwayne dwight earl ed eddie
edgar edward edwin elijah emmanuel enrique eric erik ernest ethan eugene evan farhan felix fernando francisco francois
frank franklin fred frederick friedrich gabriel garrett gary geoffrey george gerald gerard giovanni glenn gordon
graham greg gregory guy hank hans harold harry harvey hassan hector henry herbert herman howard hugh hugo ian ibrahim
igor isaac ivan jack jacob jaime jake james jared jason jeb jeff jeffrey jeremy jerome jerry jesse jim jimmy joaquin
joe joel johann john johnny jon jonathan jorge jose joseph josh joshua juan julian julio justin karl keith ken kenneth
kevin khalid khizr kirk kurt kyle lance larry lawrence lee-harvey leo leon leonard lewis liam lindsey lloyd lou louis
lucas luis luke lyndon mahmoud malcolm manuel marc marco marcus mario mark marshall martin marvin matt matthew maurice
max mehdi michael miguel mike mikhail mitch mitt mohamed mohammad mohammed morgan moshe muhammad nate nathan nathaniel
neil newt nicholas nick nicolas nigel nikolai noah norman oleg oliver omar oscar otto owen pablo patrick paul pedro
pete peter phil philip philippe phillip pierre rafael ralph ramon rand randall randy raul ray raymond reggie reince
rex ricardo richard rick ricky rob robert roberto rodney rodrigo roger roland ron ronald ross roy rudolph rudy rupert
russ russell ryan salman salvador samuel scott sean sebastian sergei sergey seth shane shaun shawn sheldon sidney
simon spencer stanley stephen steve steven stuart ted terrence theodore thomas tim timothy tobias todd tom tomas tommy
tony travis trevor tyler victor viktor vincent vladimir volodymyr walter warren wayne wesley will william willie
winston xavier yevgeny yuri yusuf zachary
"""
MALE_NAMES: Final = frozenset(_MALE.split())
_FEMALE = """
abigail agnes aisha alexandra alexandria alice alicia alison allison amanda amber amelia amy ana andrea angela
angelina anita ann anna anne annette annie april ariana arianna ashley audrey ava barbara beatrice becky bernice
bessie beth betsy betty beverly bonnie brenda brianna bridget brittany camille candace carla carly carmen carol carole
caroline carolyn carrie catherine cathy cecilia celeste charlene charlotte chelsea cheryl christina christine cindy
claire clara claudia colleen condoleezza connie constance cora courtney crystal cynthia daisy danielle dawn debbie
deborah debra deirdre denise diana diane dianne dolores donna doris dorothy edith eileen elaine eleanor elena elise
elizabeth ella ellen emily emma erica erin esther eva eve evelyn fatima fiona florence frances gail georgia geraldine
gina ginger gladys gloria grace greta gretchen gwen hannah hazel heather heidi helen helena hillary holly hope huma
ilana imelda irene irina iris isabel ivanka jackie jacqueline jane janet janice jasmine jean jeanne jenna jennifer
jenny jessica jill joan joann joanna jodi josephine joy joyce juanita judith judy julia juliana julie june karen kate
katherine kathleen kathryn kathy katie katrina kayla kellyanne kirsten kristen kristin kristina laura lauren laurie
leah lena leslie lillian lily linda lisa liz lois loretta lori lorraine louise lucille lucy lydia lynn mabel madeleine
madison maggie marcia margaret maria marianne marie marilyn marina marine marissa marjorie marlene marsha martha mary
maureen maya megan megyn melania melanie melinda melissa mercedes meredith mia michelle mildred miriam molly monica
muriel myrtle nadia nancy naomi natalia natalie natasha nicole nina nora norma oksana olena olga olivia oprah pamela
patricia patsy patty paula pauline peggy penelope penny phyllis priscilla rachel rebecca regina renee rhonda rita
roberta rosa rosalind rose rosemary roxanne ruby ruth sabrina sally samantha sandra sara sarah selena shannon sharon
sheila shelly sherry shirley sofia sonia sonya sophia sophie stacey stacy stella stephanie sue susan susanna suzanne
svetlana sylvia tamara tammy tanya tara tatiana teresa thelma theresa tiffany tina tracy ursula valerie vanessa vera
veronica victoria viola violet virginia wanda wendy whitney wilma winifred yolanda yulia yvette yvonne zoe
"""
FEMALE_NAMES: Final = frozenset(_FEMALE.split())
