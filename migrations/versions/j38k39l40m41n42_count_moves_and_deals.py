"""Moves know the day of their lead, the stay before them and whether they are the first; both are counted by day."""

from alembic import op

from webapp.database import scripts

revision = "j38k39l40m41n42"
down_revision = "f34g35h36i37j38"
branch_labels = None
depends_on = None

# Every row is written anew, also deals of other products that are worth nothing: ck_history_deal_value is for rows to
# come. Its indexes and its key are faster made again than carried along.
MADE_AGAIN = """
    CREATE INDEX ix_lead_conversion_history_lead_id_changed_at ON lead_conversion_history (lead_id, changed_at)
        INCLUDE (status_from, status_to, lost_reason);
    CREATE INDEX ix_lead_conversion_history_agent_id ON lead_conversion_history (agent_id);
    CREATE INDEX ix_lead_conversion_history_changed_by ON lead_conversion_history (changed_by);
    CREATE INDEX ix_lead_conversion_history_deals ON lead_conversion_history (changed_at)
        INCLUDE (lead_id, deal_value) WHERE status_to = 'converted';
    CREATE INDEX ix_lead_conversion_history_deal_of_lead ON lead_conversion_history (lead_id)
        INCLUDE (changed_at, deal_value) WHERE status_to = 'converted';
"""


def upgrade():
    op.execute("""
        CREATE TABLE move_days (
            entry_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            day DATE NOT NULL,
            status_from VARCHAR(50),
            status_to VARCHAR(50),
            lost_reason VARCHAR(20),
            stay INTERVAL,
            moves INTEGER NOT NULL,
            firsts INTEGER NOT NULL
        );
        CREATE TABLE deal_days (
            entry_id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            day DATE NOT NULL,
            deals INTEGER NOT NULL,
            valued INTEGER NOT NULL,
            value NUMERIC NOT NULL
        );
        CREATE INDEX ix_move_days_kinds ON move_days (day)
            INCLUDE (status_from, status_to, lost_reason, moves, firsts) WHERE stay IS NULL;
        CREATE INDEX ix_move_days_stays ON move_days (day) INCLUDE (status_from, stay, moves) WHERE stay IS NOT NULL;
        CREATE INDEX ix_deal_days ON deal_days (day) INCLUDE (deals, valued, value);
        ALTER TABLE lead_conversion_history ADD came_on DATE, ADD stayed INTERVAL,
            ADD is_first BOOLEAN NOT NULL DEFAULT false, DISABLE TRIGGER USER,
            DROP CONSTRAINT lead_conversion_history_pkey, DROP CONSTRAINT ck_history_deal_value;
        DROP INDEX ix_lead_conversion_history_lead_id_changed_at, ix_lead_conversion_history_agent_id,
            ix_lead_conversion_history_changed_by, ix_lead_conversion_history_deals,
            ix_lead_conversion_history_deal_of_lead, ix_lead_conversion_history_moves;
        SET LOCAL work_mem = '128MB';
    """)
    scripts.run(f"{revision}/stay_step")
    scripts.run(f"{revision}/fill")
    op.execute(f"""
        ALTER TABLE lead_conversion_history ENABLE TRIGGER USER, ADD PRIMARY KEY (history_id),
            ADD CONSTRAINT ck_history_deal_value CHECK (deal_value <> 'NaN' AND deal_value > 0) NOT VALID;
        {MADE_AGAIN}
        CREATE INDEX ix_lead_conversion_history_moves ON lead_conversion_history (came_on)
            INCLUDE (lead_id, status_from, status_to, lost_reason, stayed, is_first);
    """)
    scripts.run(f"{revision}/count_moves")
    scripts.run(f"{revision}/keep_moves")


def downgrade():
    op.execute("""
        DROP TRIGGER trg_keep_moves_of_arrival ON leads;
        DROP TRIGGER trg_keep_moves_on_insert ON lead_conversion_history;
        DROP TRIGGER trg_keep_moves_on_update ON lead_conversion_history;
        DROP TRIGGER trg_keep_moves_on_delete ON lead_conversion_history;
        DROP TRIGGER trg_count_moves ON lead_conversion_history;
        DROP TRIGGER trg_count_moves_on_update ON lead_conversion_history;
        DROP FUNCTION keep_moves_of_arrival, keep_moves_of_lead, keep_moves, count_moves, count_move, stay_step;
        DROP TABLE move_days, deal_days;
        ALTER TABLE lead_conversion_history DROP came_on, DROP stayed, DROP is_first;
        CREATE INDEX ix_lead_conversion_history_moves ON lead_conversion_history (changed_at)
            INCLUDE (lead_id, status_from, status_to, lost_reason, history_id)
    """)
