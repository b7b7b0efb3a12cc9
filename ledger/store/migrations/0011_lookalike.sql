-- Ids by what they look like (ledger.identifiers.lookalike): two ids of one kind that people would take for one another are
-- never introduced. Filled for what is recorded already; ids that stand side by side there stay as they are.
CREATE TABLE lookalike (
    shape  text NOT NULL,
    tag    text NOT NULL,
    PRIMARY KEY (shape, tag)
);
INSERT INTO lookalike
    SELECT DISTINCT shape, tag
    FROM entry_tag, unnest(ARRAY['case ' || replace(lower(tag), '0', 'o'), 'look ' || replace(translate(tag, '0O1I', 'ooll'), 'rn', 'm')]) AS shape
    WHERE (type, split_part(tag, ':', 1)) IN (
        ('GenesisDeclared', 'p'), ('PrincipalRegistered', 'p'), ('EditionOpened', 'ed'), ('BodyConstituted', 'b'),
        ('ApplicationFiled', 'c'), ('CandidateListProposed', 'l'), ('CommitteeResolutionAdopted', 'r'),
        ('PublicNoticeOpened', 'n'), ('ObjectionRaised', 'ob'), ('GovernmentDecisionMade', 'd'), ('AwardGranted', 'a'),
        ('AnnouncementPublished', 'pub'), ('ClawbackOrdered', 'cb'), ('HigherAwardRecorded', 'h'),
        ('IncidentRecorded', 'in'), ('OversightFindingIssued', 'f')
    );
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON lookalike EXECUTE FUNCTION refuse_change();
GRANT SELECT, INSERT ON lookalike TO ${app};
