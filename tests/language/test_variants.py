"""Spellings of one name share a key; different names, and names and words, do not."""

from __future__ import annotations

import time
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.language import variants
from bot.language.tokens import terms, tokenize
from bot.language.variants import names_in, same_name, variant_key

# Each line is one name in the spellings of different newspapers.
ONE_NAME = """
Zelensky Zelenskyy Zelenskiy Zelenskii Zelenski Zelenskyi
Kiev Kyiv
Kharkov Kharkiv
Odessa Odesa
Lvov Lviv
Dnipro Dnepr Dnieper
Chernobyl Chornobyl
Luhansk Lugansk
Donbas Donbass
Mykolaiv Mykolayiv
Chernihiv Chernigov
Zaporizhzhia Zaporizhia Zaporozhye
Khrushchev Khrushchyov Khruschev
Gorbachev Gorbachov Gorbachyov
Tchaikovsky Chaikovsky Tchaikovskii Chaykovsky
Chekhov Tchekhov
Dostoevsky Dostoyevsky Dostoievski
Solzhenitsyn Solzhenitsin
Rachmaninoff Rachmaninov Rakhmaninov
Tolstoy Tolstoi
Trotsky Trotskii Trotzky
Yeltsin Eltsin
Navalny Navalnyy Navalniy Navalnyi
Zaluzhny Zaluzhnyi Zaluzhnyy
Yanukovych Yanukovich
Yushchenko Yuschenko Yushenko
Tymoshenko Timoshenko
Lytvynenko Litvinenko
Poroshenko Poroschenko
Lukashenko Lukashenka
Medvedev Medvedyev
Nazarbayev Nazarbaev
Aliyev Aliev
Vasilyev Vasiliev
Kadyrov Kadirov
Berezovsky Berezovskiy Berezovskii
Khodorkovsky Khodorkovskiy
Yavlinsky Yavlinskii
Romanov Romanoff
Prokofiev Prokofieff
Pugachev Pugachov Pugachyov
Sergei Sergey Sergiy Serhiy Serhii
Yuri Yury Yuriy Yurii
Andrei Andrey
Andriy Andrii
Alexei Alexey Aleksei Aleksey
Oleksiy Oleksii
Nikolai Nikolay
Dmitry Dmitri Dmitriy Dmitrii
Vasily Vasiliy Vassily
Yevgeny Evgeny Yevgeniy Evgenii
Alexander Aleksandr Alexandr
Yekaterina Ekaterina
Igor Ihor
Muhammad Mohammed Mohamed Mohammad Mohamad
Mahmoud Mahmud Mahmood
Ahmed Ahmad
Hussein Husayn Hussain Husain Hossein
Gaddafi Qaddafi Gadhafi Kadafi Kaddafi Qadhafi Khadafy
Osama Usama
Hezbollah Hizbullah Hizballah Hizbollah
Qaeda Qaida
Yusuf Yousef Youssef Yousuf
Mustafa Moustafa Mustapha
Abdullah Abdallah Abdulla
Nasrallah Nasrullah
Khamenei Khamanei
Rouhani Rohani
Soleimani Suleimani
Khashoggi Khashogji
Morsi Mursi Morsy
Houthi Huthi
Muammar Moammar
Farouk Farook
Qassem Kassem
Koran Quran
Sheikh Sheik Shaikh
Taliban Taleban
Muslim Moslem
Mujahideen Mujahedeen Mujahedin
Fallujah Falluja
Jeddah Jedda Jiddah
Tehran Teheran
Peking Beijing
Szechwan Szechuan Sichuan
Nanking Nanjing
Calcutta Kolkata
Kazakhstan Kazakstan
Romania Rumania Roumania
Erdogan Erdoğan
""".strip().split("\n")

# Each line is of different names (or a name and a word) that look alike; every pair of a line must stay apart.
NOT_ONE_NAME = """
Brown Braun Browne Bruun
Smith Smyth Smit Schmidt Smits
Marin Martin Marino Marina Martini
Macron Maron Macon Marion
Iran Iraq Ivan
Mali Malta Malawi Malay Bali
Niger Nigeria Nigel
Kim Kin King Kym
Lavrov Lavron Lavrova
Medvedev Medvedeva Medved
Austria Australia Asturias
Sanchez Sanches Santos
Slovakia Slovenia Slavonia
Sky Ski Skye
Tory Torah Torres
Khan Kan Kahn Khanna Cannes
Sara Sarah Sahara Zara
Houston Huston Hudson
Clyburn Cliburn Claiborne
Bush Busch Bosch Bausch
Fischer Fisher Fitch
Meyer Meer Mayor Meier Moyer
Bayer Baer Beyer Bauer
Sydney Sidney Cindy
Louis Luis Lewis Luisa
Mueller Muller Miller Moller
Paris Perez Parris
Putin Poutine Puttin Pushkin
Vladimir Volodymyr Valdemar
Mykola Nikola Michaela
Mikhail Mykhailo Michael Miguel
Oleksandr Alexandria Alexander
Dmytro Dmitry Demeter
Petro Pedro Pietro Peter
Pavlo Pablo Paolo Paul
Alexei Alexis Alexa Alex
Andrei Andriy Andre Andrea Andrew
Yuri Uri Yuriko Jury
Igor Egor Iger
Georgy Georgia Georges
Valery Valeria Valentin
Kharkiv Kherson Kharg
Odessa Odense Odysseus
Lviv Livi Levin
Minsk Pinsk Omsk Tomsk
Lugansk Lubansk Luga
Moscow Mosul Moscowitz
Donetsk Donets Dorset
Gorbachev Gorbach Gorky
Kadyrov Kadri Kadar
Navalny Naval Navarro
Tolstoy Toledo Tolson
Chekhov Czech
Zelensky Zelinsky Zelenko Zielinski
Poroshenko Doroshenko Miroshenko
Tymoshenko Timchenko Yaroshenko
Yushchenko Yashchenko Ishchenko
Lukashenko Lukashevich Lukash
Shevchenko Shevardnadze Shcherbenko
Ivanov Ivanova Ivanovo Ivanka
Petrov Petrova Petrovsky
Romanov Romano Romania
Berezovsky Berezovka Berezin
Kozlov Koslow Kozlova Kozlovsky
Sokolov Sokolova Sokolsky
Popov Popova Popovich
Karpov Kasparov Karlov
Kuznetsov Kuznetsova Kuznets
Sharapova Sharipov Sharapov
Aliyev Aliyeva Ali
Karimov Karimova Karim
Rahmon Rahman Ramon
Saddam Sadr
Assad Assange Sadat
Hassan Hussein Hasina Hansen
Hamas Hama Haas
Hamid Hamad Hamdi
Hamdan Hamadan Ramadan
Ahmed Hamed Achmat
Muhammad Mahmoud Mehmet
Mustafa Mostar Moussa
Omar Oman Amr Homer
Osama Obama Otsuka
Yusuf Joseph Yosef Jusuf
Ibrahim Abraham Avraham
Khamenei Khomeini Kamen
Rouhani Ruhollah Rowan
Qatar Tatar
Karzai Kardzhali Karza
Nasser Nasir Nasr
Nasrallah Nasser Nasrin
Fatah Fatima Fattah
Said Saeed Sayyid Saddam
Salman Salmon Suleiman Salma
Soleimani Suleiman Solomon
Khalid Khalifa Khalil
Walid Wahid Waleska Wales
Rashid Rasheeda Rushdie
Tariq Tark
Jamal Gamal Kamal
Faisal Fail Feisty
Morsi Mossi Morse Morris
Sisi Sissi Susi
Mubarak Mubasher Barak
Houthi Hutu Hoth
Tunis Tunisia
Lebanon Leban
Syria Syrah Styria
Kuwait Kut
Yemen Yemin
Aden Arden
Basra Basel Basrai
Mosul Mostar Mogul
Tikrit Tikal Trikut
Kabul Kabila Kebab
Kandahar Kandal Candace
Lahore Lahaina Laure
Karachi Karaj Caracas
Peking Poking
Nanjing Nanning Nanchang
Shanxi Shaanxi Shangxi
Hunan Henan Hainan
Hubei Hebei Hefei
Guangdong Guangxi Guangzhou
Jiangsu Jiangxi Zhejiang
Sichuan Yichuan Szechenyi
Taipei Taipan
Wang Wong Huang Yang
Chen Cheng Chan Chang
Li Lee Liu Lu
Zhang Zhong Chiang Jiang
Zhou Chou Zhao Zhu
Xi Xia Xie Shi
Deng Teng Dong
Lin Ling Lim Lynn
Kang Kong Gang
Abe Abel Abbe
Suzuki Sasaki Susuki
Ishii Ishi Ishiba
Erdogan Erdman Ergodan
Ataturk Ataman Taturk
Gulen Gul Gülüm
Ozal Ozil Ozul
Ankara Angara Ankeny
Izmir Izmit Mizir
Burma Bursa Burmeister
Bombay Bomba Bombardier
Madras Madrid Madam
Calcutta Calvert Caligula
Bangalore Bangor Bangladesh
Dhaka Dakar Daka
Macau Macaulay
Romania Roma Romagna
Kosovo Kos
Serbia Siberia Sorbia
Croatia Creation Carpathia
Belarus Belgrade Bellarus
Georgia Georgina
Armenia Amenia
Chechnya Czechia
Crimea Crime
Takeoff Takeover
Turnoff Turnover
Handoff Handover
Plaintiff Plaintive
Popoff Popover
Relieve Relevant
Standoff Standover
Karloff Carlow
Rudyard Ryder Rudy
Taylor Tyler Tailor
Kathryn Catherine
Byrne Burn Birney
Bryant Briand Brand
Flynn Flint
Lynch Linch Lunch
Reagan Regan Reaganomics
Clinton Clifton Clint
Kerry Carry Kerrey
Johnson Johnston Jonson Jonsson
Thompson Thomson Tompson
Anderson Andersen Henderson
Peterson Petersen Pederson
Stewart Stuart Steward
Philips Phillips Philipps
Allen Alan Allan Allyn
Stephens Stevens Steffens
Roosevelt Rosenfeld Rosevelt
Harris Haris Harries
Murphy Murray Murry
Nielsen Nelson Neilson
Jansen Jensen Hansen Janssen
Merkel Merkle Markel
Sarkozy Sarkisian Szarkowski
Hollande Holland
Chirac Shirak Chiricahua
Thatcher Thacher Hatcher
Blair Blaire Bleier
""".strip().split("\n")


def term_of(word: str) -> str:
    (term,) = terms(word)
    return term


def pairs(lines: list[str]) -> list[tuple[str, str]]:
    return [pair for line in lines for pair in combinations(line.split(), 2)]


def stemmed_alike(pair: tuple[str, str]) -> bool:
    """Whether the tokeniser has made one term of both already, which no variant can undo."""
    return term_of(pair[0]) == term_of(pair[1])


def test_the_labelled_lists_are_as_long_as_they_are_said_to_be() -> None:
    assert len(pairs(ONE_NAME)) >= 200
    assert len([pair for pair in pairs(NOT_ONE_NAME) if not stemmed_alike(pair)]) >= 500


@pytest.mark.parametrize("line", ONE_NAME)
def test_spellings_of_one_name_are_found_for_each_other(line: str) -> None:
    for one, other in pairs([line]):
        assert variant_key(term_of(one)) == variant_key(term_of(other)), (one, other)
        assert same_name(term_of(one), term_of(other))


@pytest.mark.parametrize("line", NOT_ONE_NAME)
def test_different_names_stay_apart(line: str) -> None:
    for pair in pairs([line]):
        assert stemmed_alike(pair) or not same_name(*map(term_of, pair)), pair


def test_no_name_of_one_line_is_that_of_another() -> None:
    keys = [{variant_key(term_of(word)) for word in line.split()} for line in ONE_NAME]
    assert not [pair for pair in combinations(keys, 2) if pair[0] & pair[1]]


def test_no_term_of_the_table_is_of_two_names() -> None:
    counts = Counter(term for group in variants._groups() for term in group)
    assert [term for term, count in counts.items() if count > 1] == []


def test_every_name_of_the_table_has_several_terms() -> None:
    assert [group for group in variants._groups() if len(group) < 2] == []


@given(st.text(st.characters(codec=None), max_size=80))
def test_a_key_is_its_own_key_for_any_string(text: str) -> None:
    key = variant_key(text)
    assert variant_key(key) == key
    assert same_name(text, key)


@given(st.text("yevoskhcifnabt", max_size=30))
def test_a_key_is_its_own_key_for_any_run_of_ruled_letters(text: str) -> None:
    assert variant_key(variant_key(text)) == variant_key(text)


def test_a_key_takes_two_microseconds_and_no_longer_on_hostile_terms() -> None:
    words = [f"{stem}{number}ski" for number in range(1_000) for stem in ("tymosh", "brook", "y" * 40)]
    started = time.process_time()
    for word in words:
        variant_key(word)
    assert time.process_time() - started < 1_000 * 0.0002  # ten times what it takes, for slow machines
    started = time.process_time()
    variant_key("by" * 50_000 + "v")
    assert time.process_time() - started < 1


def names(text: str) -> set[str]:
    return names_in(text, tokenize(text))


def test_what_is_capitalised_wherever_it_occurs_is_a_name() -> None:
    assert names("The mayor met Zelenskyy. Zelenskyy left for Kyiv.") == {"zelenskyy", "kyiv"}


def test_what_also_occurs_in_small_letters_is_no_name() -> None:
    assert names("Polish voters polish their shoes, said Tusk.") == {"tusk"}


def test_a_word_that_only_opens_sentences_counts_as_a_name() -> None:
    assert names("Zelensky spoke. He left.") == {"zelenski"}


def test_a_text_in_capitals_has_no_names() -> None:
    assert names("KHRUSHCHEV MET MAO IN PEKING .\nTHE TALKS FAILED .") == set()


def test_a_line_in_capitals_is_no_evidence_for_or_against_a_name() -> None:
    assert names("ZELENSKY AND TALKS\nThe talks with Zelensky failed.\nKYIV") == {"zelenski"}


def test_scripts_without_capitals_have_no_names() -> None:
    assert names("新聞によると 市長 मुख्य מנהל") == set()


@given(st.text(st.sampled_from("Aa b\nÉé.市'-"), max_size=60))
def test_the_names_of_any_text_are_terms_of_it_and_never_begin_small(text: str) -> None:
    tokens = tokenize(text)
    found = names_in(text, tokens)
    assert found <= {token.term for token in tokens}
    for token in tokens:
        line = text[text.rfind("\n", 0, token.span.start) + 1 :].split("\n", 1)[0]
        if token.term in found and line != line.upper():
            assert text[token.span.start].isupper()
