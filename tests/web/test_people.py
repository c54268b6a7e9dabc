"""Who may be the same person, and who is not."""

from tests.factories import a_lead, sql, value


class TestTellApart:
    def test_who_is_not_the_same_person_is_not_suggested_again(self, browser, aisha):
        lead, other = (a_lead(by=aisha, first_name="Sara", last_name=name) for name in ("Haddad", "Hadad"))
        page = browser.sign_in(aisha).get("leads.show", lead_id=lead.lead_id)
        assert "Same or similar name" in page.said("[aria-labelledby=perhaps]")
        assert page.queries <= 8
        assert page.page.select_one(f"[aria-labelledby=perhaps] a[href='/leads/{lead.lead_id}/merge/{other.lead_id}']")

        answer = browser.post("people.tell_apart", {}, lead_id=lead.lead_id, other_id=other.lead_id)

        assert (answer.hops[0][0], answer.path) == (303, f"/leads/{lead.lead_id}")
        assert not answer.page.select("[aria-labelledby=perhaps]")

    def test_leads_of_others_are_missing(self, browser, aisha, yousef):
        sql("UPDATE agents SET on_duty = true")
        lead, his = a_lead(by=aisha), a_lead(by=yousef)
        answer = browser.sign_in(aisha).post("people.tell_apart", {}, lead_id=lead.lead_id, other_id=his.lead_id)

        assert answer.status_code == 404 and value("SELECT count(*) FROM distinctions") == 0
