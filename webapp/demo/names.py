"""How people who live in Dubai are called, by nationality."""

from dataclasses import dataclass

from webapp.vocabulary import SpokenLanguage


@dataclass(frozen=True)
class Nation:
    """A nationality as people type it, how common it is, its foreign mobile prefix and its names.

    Names are `latin` or `latin|arabic`. `arabic` is the share of those who prefer Arabic.
    """

    name: str
    weight: float
    abroad: tuple[str, int]
    first: tuple[str, ...]
    last: tuple[str, ...]
    arabic: float = 0.0
    speaks: SpokenLanguage | None = None


def several(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(","))


MEN_AND_WOMEN = several(
    "Ahmed|أحمد, Mohammed|محمد, Fatima|فاطمة, Omar|عمر, Noura|نورة, Khalid|خالد, Mariam|مريم, Ali|علي, Hessa|حصة, "
    "Sultan|سلطان, Salem|سالم, Latifa|لطيفة, Youssef|يوسف, Huda|هدى, Hamad|حمد, Reem|ريم, Abdullah|عبدالله, "
    "Aya|آية, Mahmoud|محمود, Dina|دينا, Tarek|طارق, Rania|رانيا, Nour|نور, Samir|سمير, Hala|هالة, Ziad|زياد"
)
GULF_FAMILIES = several(
    "Al Mansouri|المنصوري, Al Maktoum|المكتوم, Al Suwaidi|السويدي, Al Ketbi|الكتبي, Al Falasi|الفلاسي, "
    "Al Shamsi|الشامسي, Al Nuaimi|النعيمي, Al Otaibi|العتيبي, Al Qahtani|القحطاني, Al Harbi|الحربي, "
    "Al Mutairi|المطيري, Al Dosari|الدوسري, Al Zaabi|الزعابي, Bin Ghanem|بن غانم"
)
LEVANT_FAMILIES = several(
    "Khoury|خوري, Haddad|حداد, Nassar|نصار, Abboud|عبود, Saab|صعب, Karam|كرم, Halabi|حلبي, Masri|مصري, "
    "Shami|شامي, Najjar|نجار, Sayegh|صايغ, Barakat|بركات, Awad|عوض, Tannous|طنوس"
)
NILE_FAMILIES = several(
    "Hassan|حسن, Ibrahim|إبراهيم, El Sayed|السيد, Fathy|فتحي, Mostafa|مصطفى, Abdel Rahman|عبد الرحمن, Gamal|جمال, "
    "Soliman|سليمان, Shawky|شوقي, Zaki|زكي, Mansour|منصور, Ezzat|عزت"
)

NATIONS = (
    Nation("Emirati", 9, ("+9665", 8), MEN_AND_WOMEN, GULF_FAMILIES, 0.8, SpokenLanguage.ARABIC),
    Nation("UAE", 3, ("+9665", 8), MEN_AND_WOMEN, GULF_FAMILIES, 0.7, SpokenLanguage.ARABIC),
    Nation("Saudi", 5, ("+9665", 8), MEN_AND_WOMEN, GULF_FAMILIES, 0.85, SpokenLanguage.ARABIC),
    Nation("Kuwait", 2, ("+96599", 6), MEN_AND_WOMEN, GULF_FAMILIES, 0.85, SpokenLanguage.ARABIC),
    Nation("Qatar", 1, ("+97455", 6), MEN_AND_WOMEN, GULF_FAMILIES, 0.85, SpokenLanguage.ARABIC),
    Nation("Egyptian", 7, ("+2010", 8), MEN_AND_WOMEN, NILE_FAMILIES, 0.7, SpokenLanguage.ARABIC),
    Nation("Lebanese", 5, ("+96170", 6), MEN_AND_WOMEN, LEVANT_FAMILIES, 0.45, SpokenLanguage.ARABIC),
    Nation("Jordanian", 3, ("+96279", 7), MEN_AND_WOMEN, LEVANT_FAMILIES, 0.6, SpokenLanguage.ARABIC),
    Nation("Syrian", 3, ("+96394", 7), MEN_AND_WOMEN, LEVANT_FAMILIES, 0.7, SpokenLanguage.ARABIC),
    Nation(
        "Indian",
        17,
        ("+9198", 8),
        several(
            "Priya, Rahul, Anjali, Vikram, Deepa, Arjun, Sunita, Sanjay, Kavya, Rohan, Meera, Anil, Neha, Suresh, "
            "Lakshmi, Karan, Divya, Manoj"
        ),
        several(
            "Sharma, Nair, Patel, Iyer, Reddy, Gupta, Menon, Pillai, Kapoor, Thomas, Fernandes, Desai, Rao, "
            "Krishnan, Bose, Joshi"
        ),
        speaks=SpokenLanguage.HINDI,
    ),
    Nation(
        "Pakistani",
        9,
        ("+92300", 7),
        several(
            "Bilal, Ayesha, Usman, Sana, Imran, Hira, Faisal, Zainab, Adnan, Mahnoor, Muhammad, Sadia, Asad, Nadia"
        ),
        several("Malik, Ahmed, Qureshi, Butt, Chaudhry, Siddiqui, Sheikh, Mirza, Javed, Iqbal, Rehman, Ansari"),
        speaks=SpokenLanguage.URDU,
    ),
    Nation(
        "British",
        9,
        ("+4477", 8),
        several(
            "Oliver, Emma, Thomas, Charlotte, Harry, Sophie, Jack, Lucy, Daniel, Hannah, William, Grace, Callum, Zoe"
        ),
        several(
            "Bennett, Clarke, Davies, Edwards, Foster, Hughes, Marsh, Palmer, Reid, Turner, Walker, Wright, O'Neill"
        ),
    ),
    Nation(
        "Russian",
        8,
        ("+7916", 7),
        several(
            "Dmitry, Anastasia, Sergey, Olga, Alexei, Ekaterina, Ivan, Natalia, Mikhail, Tatiana, Pavel, Irina, Maxim"
        ),
        several(
            "Ivanov, Sokolova, Volkov, Morozova, Kuznetsov, Popova, Lebedev, Orlova, Fedorov, Belova, Zaitsev, Romanova"
        ),
        speaks=SpokenLanguage.RUSSIAN,
    ),
    Nation(
        "Ukrainian",
        2,
        ("+38067", 7),
        several("Oleksandr, Yulia, Andriy, Oksana, Taras, Kateryna, Bohdan, Iryna"),
        several("Shevchenko, Kovalenko, Bondarenko, Tkachenko, Melnyk, Kravchuk, Lysenko, Marchenko"),
        speaks=SpokenLanguage.RUSSIAN,
    ),
    Nation(
        "Chinese",
        5,
        ("+86138", 8),
        several("Li, Jing, Hao, Mei, Jun, Xin, Lei, Yan, Ming, Fang, Tao, Yu, 王伟, 李娜"),
        several("Wang, Liu, Chen, Yang, Zhao, Huang, Zhou, Wu, Xu, Sun, Ma, Guo"),
        speaks=SpokenLanguage.CHINESE,
    ),
    Nation(
        "Filipino",
        5,
        ("+63917", 7),
        several("Maria, Jose, Angelica, Mark, Kristine, Paolo, Jasmine, Ramon, Liza, Carlo, Grace, Jerome"),
        several("Santos, Reyes, Cruz, Bautista, Garcia, Mendoza, Villanueva, Ramos, Dela Cruz, Aquino, Navarro"),
    ),
    Nation(
        "French",
        4,
        ("+3361", 7),
        several("Julien, Chloé, Antoine, Léa, Nicolas, Manon, Pierre, Élodie, Hugo, Sophie, Karim, Inès"),
        several("Moreau, Lefèvre, Girard, Rousseau, Fontaine, Mercier, Blanchard, Dupont, Garnier, Benali"),
        speaks=SpokenLanguage.FRENCH,
    ),
    Nation(
        "German",
        3,
        ("+49151", 8),
        several("Lukas, Anna, Jonas, Lena, Felix, Katharina, Sebastian, Julia, Matthias, Sabine"),
        several("Müller, Schneider, Hoffmann, Wagner, Schäfer, Krüger, Lehmann, Zimmermann, Vogel, Brandt"),
        speaks=SpokenLanguage.GERMAN,
    ),
    Nation(
        "Iranian",
        4,
        ("+98912", 7),
        several("Reza, Shirin, Amir, Parisa, Farhad, Nasrin, Kaveh, Leila, Babak, Mina"),
        several("Ahmadi, Hosseini, Karimi, Moradi, Jafari, Rahimi, Ebrahimi, Farahani, Tavakoli"),
        speaks=SpokenLanguage.PERSIAN,
    ),
    Nation(
        "Italian",
        2,
        ("+39347", 7),
        several("Marco, Giulia, Alessandro, Chiara, Luca, Martina, Davide, Francesca"),
        several("Rossi, Bianchi, Ferrari, Conti, Greco, Marino, Rizzo, Lombardi"),
    ),
    Nation(
        "South African",
        2,
        ("+2782", 7),
        several("Pieter, Thandi, Johan, Lerato, Megan, Sipho, Anri, Bongani"),
        several("van der Merwe, Nkosi, Botha, Dlamini, Naidoo, Pretorius, Jacobs, Mokoena"),
    ),
    Nation(
        "Nigerian",
        2,
        ("+234803", 7),
        several("Chinedu, Ngozi, Emeka, Amaka, Tunde, Folake, Ibrahim, Zainab"),
        several("Okafor, Adeyemi, Balogun, Eze, Okonkwo, Bello, Adebayo, Nwosu"),
    ),
)
