// Which keys of the tag index an evidence package has to prove complete (../README.md section 8), read off its entries: no answer is
// derived for it. Runs in Node and in browsers.
import { indexKeys } from "./log.mjs";
import { schemaOf } from "./statement.mjs";

// By the version of the derivation that first asked for them: what concerns every subject, and what flags look at of every edition.
const EVERYWHERE = { 1: ["GenesisDeclared", "RegulationEnacted", "RegulationRepealed", "RegulationInterpreted", "CalendarPublished", "EventAnnulled",
  "EventCorrected", "LateRecordingApproved"], 2: ["ClockCorrected"] };
const INSPECTED = { 1: ["EditionOpened", "EditionClosed", "BodyConstituted", "BodyDissolved", "OversightFindingIssued", "OversightFindingAnswered",
  "RestrictedDataHandled"], 2: ["AccessRecordAttested"] };
const since = (types, derivation) => Object.entries(types).flatMap(([version, list]) => (Number(version) <= derivation ? list : []));
const OF_EDITION = ["EditionOpened", "EditionClosed", "BodyConstituted", "BodyDissolved", "CommitteeResolutionAdopted"];
const OF_PERSON = ["ReviewerQualified", "RoleGranted", "RoleWithdrawn", "SanctionImposed", "PrincipalRegistered"];
const editionOf = (caseId) => caseId.slice(0, Math.max(0, caseId.lastIndexOf("/")));
const partIn = (statements) => statements.filter((s) => s.type === "ApplicationFiled" || s.type === "AwardGranted");

// Notices, objections and decisions that are followed from statements.
const followed = (statements) => statements.flatMap(({ type, payload: p }) =>
  type === "PublicNoticeOpened" ? [`n:${p.notice_id}`] : type === "ObjectionRaised" ? [`ob:${p.objection_id}`]
    : ["AwardGranted", "AwardRevoked", "ClawbackOrdered"].includes(type) ? [`GovernmentDecisionMade d:${p.decision_id}`] : []);

class Package {
  keys = new Set(); byKey = new Map(); organisations = new Map();
  // ``statements`` in the order of their positions.
  constructor(statements, schemas) {
    this.tags = new Map(statements.map((s) => [s, indexKeys(s, schemaOf(schemas, s))]));
    for (const [s, keys] of this.tags) for (const key of keys) this.byKey.set(key, [...(this.byKey.get(key) ?? []), s]);
    this.order = statements;
  }
  // The statements under keys, which are needed now.
  under(...keys) {
    for (const key of keys) this.keys.add(key);
    const found = new Set(keys.flatMap((key) => this.byKey.get(key) ?? []));
    return this.order.filter((s) => found.has(s));
  }
  // What concerns an organisation: its cases, awards and their editions, notices, objections, decisions, predecessors.
  organisation(org) {
    if (this.organisations.has(org)) return this.organisations.get(org);
    const own = this.under(`o:${org}`, `p:${org}`), part = partIn(own).map((s) => s.payload);
    const found = [...own, ...this.under(...part.flatMap((p) => [`c:${p.case_id}`, ...(p.award_id === undefined ? [] : [`a:${p.award_id}`]),
      ...OF_EDITION.map((type) => `${type} ed:${editionOf(p.case_id)}`)]), ...own.filter((s) => s.type === "HigherAwardRecorded").map((s) => `h:${s.payload.higher_award_id}`))];
    this.organisations.set(org, found);
    found.push(...this.under(...followed(found)));
    for (const { type, payload: p } of own) if (type === "PrincipalUpdated" && (p.successor_ids ?? []).includes(org)) found.push(...this.organisation(p.principal_id));
    return found;
  }
  // The persons of the panels of a case, and what was opened of it.
  panels(caseId, statements) {
    const seated = statements.filter((s) => s.type === "BodyConstituted").flatMap((s) => s.payload.members.map((m) => m.principal_id));
    const scoring = statements.filter((s) => s.type === "ScoreSubmitted").map((s) => s.actor);
    this.under(...[...seated, ...scoring].flatMap((person) => OF_PERSON.map((type) => `${type} p:${person}`)));
    const sealed = statements.filter((s) => this.tags.get(s).includes(`c:${caseId}`) && Object.keys(s.sd).length > 0);
    this.under(...sealed.map((s) => `RestrictedDataHandled x:${s.id}`));
  }
  // An edition, all who took part in it, and the record of everybody who acts or is seated in it.
  inspected(edition) {
    const own = this.under(`ed:${edition}`);
    for (const s of partIn(own)) this.organisation(s.payload.org);
    this.under(...followed(own), ...own.map((s) => `p:${s.actor}`), ...own.flatMap((s) => this.tags.get(s)).filter((key) => key.startsWith("m:")).map((key) => `p:${key.slice(2)}`));
  }
}

// The organisations that a package is about, and the cases of it whose editions its flags look at.
function subjectOf(found, kind, id) {
  if (kind === "org") return { orgs: [id], cases: partIn(found.under(`o:${id}`, `p:${id}`)).map((s) => s.payload).filter((p) => p.org === id).map((p) => p.case_id) };
  if (kind === "edition") return { orgs: [], cases: [] };
  let own = kind === "case" ? found.under(`ApplicationFiled c:${id}`) : [];
  if (own.length === 0) own = found.under(`AwardGranted ${kind === "case" ? "c" : "a"}:${id}`);
  return { orgs: own.slice(0, 1).map((s) => s.payload.org), cases: kind === "case" ? [id] : own.map((s) => s.payload.case_id) };
}
export function neededKeys({ kind, id }, flags, derivation, statements, schemas) {
  const found = new Package(statements, schemas);
  found.under(...since(EVERYWHERE, derivation));
  const { orgs, cases } = subjectOf(found, kind, id), around = orgs.flatMap((org) => found.organisation(org));
  if (kind === "case") found.panels(id, around);
  for (const edition of kind === "edition" ? [id] : flags ? new Set(cases.map(editionOf)) : []) {
    found.under(...since(INSPECTED, derivation));
    found.inspected(edition);
  }
  return [...found.keys].sort();
}
