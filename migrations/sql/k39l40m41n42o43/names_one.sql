-- Whether a text holds one of these numbers, however it is written, or one of these words in either case.
create function names_one(told text, digits text[], words text[]) returns boolean
    language sql immutable parallel safe
    return (
        exists (
            select from unnest(digits) number
            where position(number in regexp_replace(translate(told, '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', '01234567890123456789'),
                                                    '\D', '', 'g')) > 0)
        or exists (select from unnest(words) word where position(lower(word) in lower(told)) > 0));
