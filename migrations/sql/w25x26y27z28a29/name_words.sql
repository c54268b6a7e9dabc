-- The words of a name as they are searched: without diacritics and in lower case, letters that people mix up in one
-- spelling, Abdul with what follows it, particles left out. What is typed and what is kept go the same way.
create function name_words(name text) returns text[] language sql immutable parallel safe as $$
    select coalesce(array_agg(case when word in ('mohd', 'muhd', 'mhd') then 'mohammed' else word end), '{}')
    from regexp_split_to_table(
        regexp_replace(
            translate(
                lower(regexp_replace(
                    normalize(coalesce(name, ''), nfkd), '[\u0300-\u036f\u0640\u064b-\u065f\u0670]', '', 'g')),
                'ىةکیٱ', 'يهكيا'),
            '(^|[\s-])(abdul|abdel|عبد)[\s-]+', '\1\2', 'g'),
        '[\s!-/:-@\[-`{-~\u00a0-\u00bf،؛؟\u2000-\u206f]+') word
    where word not in ('', 'al', 'el', 'bin', 'ibn', 'بن', 'ابن')
$$;

-- Where a lead is found by words: the names, also without Abdul and the article, and the e-mail, whole and by its first half.
create function lead_words(first_name text, last_name text, email text) returns tsvector
    language sql immutable parallel safe
    return array_to_tsvector(
        name_words(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))
        || name_words(regexp_replace(
            lower(coalesce(first_name, '') || ' ' || coalesce(last_name, '')), '(^|[\s-])(abd[ue]l[\s-]*|عبد\s*|ال)', '\1', 'g'))
        || name_words(split_part(email, '@', 1))
        || case when email > '' then array[lower(email)] else '{}'::text[] end);

-- What is typed as the beginnings of words that are all there; an e-mail is one. NULL where nothing is left to look for.
create function words_typed(typed text) returns tsquery
    language sql immutable parallel safe
    return (
        select string_agg('''' || regexp_replace(word, '[''\\]', '\&\&', 'g') || ''':*', ' & ')::tsquery
        from unnest(case when typed like '%@%' then array[lower(btrim(typed))] else name_words(typed) end) word);
