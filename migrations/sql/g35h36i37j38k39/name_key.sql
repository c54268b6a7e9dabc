-- What two spellings of one name share, in either script: the consonants of its words, in one order. Only for whole
-- names: a first name alone tells nobody from thousands. It suggests; it proves nothing (Hassan is Hussain here).
create function name_key(first_name text, last_name text) returns text
    language sql immutable parallel safe
    return (
        select case when count(*) > 1 then string_agg(coalesce(nullif(consonants, ''), '-'), ' ' order by consonants) end
        from unnest(name_words(coalesce(first_name, '') || ' ' || coalesce(last_name, ''))) word,
             lateral regexp_replace(word, '^(ال(?=..)|[ae]l(?=.{5}))', '') bare,
             lateral regexp_replace(regexp_replace(bare, 'ph', 'f', 'g'), '([stkgdc])[hk]', '\1', 'g') latin,
             lateral regexp_replace(latin, '(.)\1+', '\1', 'g') plain,
             lateral translate(
                 plain,
                 'cqvxpjبتثجحخدذرزسشصضطظغفقكلمنهپچگڤaeiouywعاويء''’',
                 'kkfkbgbttghkddrzsssdtzgfkklmnhbggf') letters,
             lateral regexp_replace(letters, '^(.+)h$', '\1') consonants);

create index ix_leads_name_key on leads (name_key(first_name, last_name), created_at desc);
