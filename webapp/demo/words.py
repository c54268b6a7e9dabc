"""What clients write and what agents note down."""

from webapp.vocabulary import ActivityType, CallResult, LostReason, Outcome

ASKED = (
    "Hi, is the {what} in {area} still available? I could view it this week.",
    "I am interested in a {what} in {area}. My budget is around {budget}. Please call me.",
    "Good morning, please send me more photos and the service charges for the {what} in {area}.",
    "Looking for a {what}, {area} or nearby. We have one small dog, is that fine?",
    "Is the price negotiable? We are relocating from abroad and need a {what} in {area} by the end of the quarter.",
    "Do you have anything similar in {area}? The one I saw was gone.",
    "I am in meetings until five, please WhatsApp me about the {what} in {area}.",
)
ASKED_TO_BUY = (
    "Can you share the floor plan and the payment plan? Considering a {what} in {area} for investment.",
    "I would like to know about the golden visa with a {what} in {area}.",
    "Cash buyer, looking for a distressed {what} in {area}. What do you have?",
)
ASKED_TO_RENT = (
    "My company pays in one cheque. Do you have a {what} in {area}, high floor if possible?",
    "How many cheques for the {what} in {area}, and is the chiller free?",
    "Our lease ends next month. Is the {what} in {area} vacant?",
)
ASKED_PLAINLY = (
    "Please call me back.",
    "I saw your sign board and would like to know what you have.",
    "Interested. Please send me your listings.",
    "Looking for something family friendly close to a British school.",
)
ASKED_IN_ARABIC = (
    "السلام عليكم، هل ما زال عرض {what} في {area} متاحاً؟ أستطيع المعاينة هذا الأسبوع.",
    "أبحث عن {what} في {area}، ميزانيتي حوالي {budget}. أرجو الاتصال بي.",
    "مساء الخير، أرجو إرسال صور {what} في {area} ورسوم الخدمات.",
    "هل السعر قابل للتفاوض؟ نرغب بالانتقال إلى {area} قبل بداية العام الدراسي.",
    "أرغب في {what} في {area}، هل يمكن إرسال المخطط؟",
    "عندكم {what} في {area} بإطلالة جميلة؟ تواصلوا معي على الواتساب من فضلكم.",
)
ASKED_PLAINLY_IN_ARABIC = ("أرجو الاتصال بي.", "رأيت إعلانكم وأود معرفة المزيد.", "مهتم، أرسلوا لي ما لديكم.")
ASKED_AGAIN = (
    "Any update? I wrote earlier.",
    "Is it possible to view it tomorrow after six?",
    "I can raise my budget a little for the right one.",
    "Nobody called me yet.",
)
ASKED_AGAIN_IN_ARABIC = ("هل من جديد؟", "لم يتصل بي أحد بعد.", "هل يمكن المعاينة غداً بعد السادسة؟")

TYPES_IN_ARABIC = {"apartment": "شقة", "villa": "فيلا", "townhouse": "تاون هاوس", "commercial": "مكتب"}

NOTED = {
    ActivityType.CALL: {
        Outcome.POSITIVE: (
            "Good talk. Wants two options by tonight.",
            "Budget confirmed, mortgage pre-approved.",
            "Ready to view this week, prefers evenings.",
            "تحدثنا مطولاً، مهتم جداً ويريد المعاينة.",
        ),
        Outcome.NEUTRAL: (
            "Asked me to call again after the weekend.",
            "Compares with two other brokers.",
            "Needs to talk to the family first.",
            "طلب الاتصال لاحقاً.",
        ),
        Outcome.NEGATIVE: (
            "No answer, left a message.",
            "Number busy, tried twice.",
            "Says the price is too high.",
        ),
        None: ("Introduced myself and the office.", "Short call, driving."),
    },
    ActivityType.WHATSAPP: {
        Outcome.POSITIVE: (
            "Sent three listings, liked the second.",
            "Shared location pin, confirmed the time.",
        ),
        Outcome.NEUTRAL: (
            "Read, not answered yet.",
            "Sent brochure and payment plan.",
            "أرسلت الصور والمخطط.",
        ),
        Outcome.NEGATIVE: ("Not interested in off-plan.", "Blue ticks, no reply for two days."),
        None: ("Sent the price list.",),
    },
    ActivityType.EMAIL: {
        Outcome.POSITIVE: ("Replied with documents for the mortgage.", "Accepted the proposed viewing time."),
        Outcome.NEUTRAL: ("Sent the comparison of service charges.", "Sent Form B for signature."),
        Outcome.NEGATIVE: ("Out of office for two weeks.",),
        None: ("Sent the listing sheet.",),
    },
    ActivityType.VIEWING: {
        Outcome.POSITIVE: (
            "Loved the view, asked about the chiller.",
            "Second visit with the spouse. Serious.",
        ),
        Outcome.NEUTRAL: ("Fine, but wants a larger kitchen.", "Liked the building, not the floor."),
        Outcome.NEGATIVE: ("Too close to the road.", "Came late, left after five minutes."),
        None: ("Shown with the landlord present.",),
    },
    ActivityType.MEETING: {
        Outcome.POSITIVE: ("Met at the office, went through the contract.", "Signed Form B."),
        Outcome.NEUTRAL: ("Explained fees and the process.", "Brought a friend who is a broker."),
        Outcome.NEGATIVE: ("Did not agree on the commission.",),
        None: ("Coffee at the sales centre.",),
    },
    ActivityType.OFFER_MADE: {
        Outcome.POSITIVE: ("Offer sent to the owner, well received.", "Offer with 10 % deposit cheque."),
        Outcome.NEUTRAL: ("Offer below asking; owner thinks about it.",),
        Outcome.NEGATIVE: ("Owner refused the first offer.",),
        None: ("Offer letter signed.",),
    },
}
RESULTS: dict[str | None, CallResult] = {
    "No answer, left a message.": CallResult.NO_ANSWER,
    "Number busy, tried twice.": CallResult.BUSY,
    "Asked me to call again after the weekend.": CallResult.CALLBACK_REQUESTED,
    "طلب الاتصال لاحقاً.": CallResult.CALLBACK_REQUESTED,
}
"""What a note says of a call."""

LOST_BECAUSE = {
    LostReason.PRICE: ("Found it too expensive after all.", "Bank valued it lower."),
    LostReason.AREA: ("Decided for Abu Dhabi.", "School run too long from there."),
    LostReason.BOUGHT_ELSEWHERE: ("Signed with another broker.", "Bought directly from the developer."),
    LostReason.NO_ANSWER: ("Five attempts, never answered.", "Number does not answer any more."),
    LostReason.NOT_SERIOUS: ("Only wanted to know the price.", "Tenant checking the market."),
    LostReason.OTHER: ("Left the country.", "Job offer fell through."),
}
NEXT_STEPS = (
    "Send floor plans before calling.",
    "Ask about mortgage pre-approval.",
    "Confirm the viewing with security.",
    "Share two more options.",
    "اسأل عن موعد الانتقال",
    "Check the Ejari end date.",
)
MOVED_BECAUSE = (
    "Nobody had called after a day",
    "On leave this week",
    "The client asked for somebody who speaks their language",
    "Knows the area better",
    "Too many leads at once",
)
STRUCK_NOTE = "Logged on the wrong client."

CAMPAIGNS = (
    "marina-waterfront",
    "golden-visa",
    "off-plan-launch",
    "jvc-first-home",
    "palm-signature",
    "back-to-school",
    "summer-rentals",
    "ramadan-offers",
)
UTM_SOURCES = ("google", "instagram", "meta", "tiktok", "linkedin", "newsletter")
