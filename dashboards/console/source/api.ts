// The types of the reading API, by hand from ../../api/openapi.json: what the console reads of them, and no more.

export type Level = 'critical' | 'alert' | 'watch' | 'info';
export type CaseState = 'open' | 'resolved' | 'superseded' | 'retracted' | 'merged';
export type RevisionReason =
  | 'new' | 'superseded' | 'retracted' | 'merged' | 'configuration' | 'level' | 'evidence' | 'time';
/** RFC 3339 in UTC, with `Z`. */
export type Instant = string;

export const levels: readonly Level[] = ['critical', 'alert', 'watch', 'info'];
export const caseStates: readonly CaseState[] = ['open', 'resolved', 'superseded', 'retracted', 'merged'];

export interface ApiProblem { status: 'error'; errorType: string; error: string }

export interface Case {
  case: string;
  id: string;
  patient: string;
  detector: string;
  domain: string;
  level: Level;
  state: CaseState;
  onset: Instant;
  ended: Instant;
  raised: Instant;
  updated: Instant;
  reason: RevisionReason;
  revision: number;
  site: string | null;
  compound: string | null;
  unverified: boolean;
  statistic: { name: string; value: number | null; threshold: number | null };
  trend: number[];
  worst: Level;
}

export interface Cases { at: Instant; total: number; cases: Case[]; next: string | null }

export interface FactKey { source: string; id: string; version: number }
export type Plain = number | string | boolean | null;

/** A finding as `alerts --json` prints it; of the history also a revision. */
export interface Finding {
  id: string;
  subject: { patient?: string };
  detector: string;
  domain: string;
  level: Level;
  state: CaseState;
  onset: Instant;
  ended: Instant;
  evidence: FactKey[];
  site?: string;
  compound?: string;
  statistic: {
    name: string;
    value: number | null;
    threshold: number | null;
    parameters: Record<string, Plain>;
    inputs: Record<string, Plain>;
  };
  identity?: { detector: number; parameters: string };
  unverified: boolean;
  annotations: string[];
}
export interface Revision extends Finding {
  case: string;
  revision: number;
  raised: Instant;
  updated: Instant;
  reason: RevisionReason;
}

export type FactState = 'active' | 'superseded' | 'retracted' | 'replaced' | 'conflict' | 'twin' | 'quarantined';

/** A fact as `patient --json` prints it: the fields of all kinds, each where its kind has it. */
export interface Fact {
  source: string;
  id: string;
  patient: string;
  kind?: string;
  version: number;
  status: string;
  effective?: string;
  recorded?: string;
  session?: string;
  site?: string;
  text?: string;
  state: FactState;
  digest: string;
  derived?: { phase?: string; session?: { source: string; id: string }; site?: string; eligible?: boolean };
  systolic?: number;
  diastolic?: number;
  unit?: string;
  phase?: string;
  symptoms?: string[];
  compound?: string;
  route?: string;
  dose_mg?: number;
  interval_days?: number;
  instrument?: string;
  value?: number | string;
  code?: string;
  name?: string;
  severity?: number;
  result?: string;
  upper_limit?: number;
  class?: string;
  action?: string;
  reason?: string;
  seriousness?: string[];
  ctcae?: number;
  days_supply?: number;
  [field: string]: unknown;
}

export interface Parameter {
  name: string;
  value: number;
  unit: string;
  /** What the patient is judged by today; where it is another than `value`, the rest is null. */
  in_force: number | null;
  source: string | null;
  confirmed: boolean | null;
  owner: string | null;
  version: number | null;
  origin: 'default' | 'programme' | 'site' | null;
}
export interface Calculation {
  asks: string;
  formula: string;
  does_not_see: string;
  steps: { name: string; value: Plain }[];
  /** Whose parameters are in force for the patient; null: the programme's. */
  site: string | null;
  parameters: Parameter[];
}
export interface CaseDetail {
  at: Instant;
  case: Case;
  finding: Finding;
  holds: boolean;
  facts: Fact[];
  revisions: Revision[];
  calculation: Calculation;
  command: string;
}

export interface News { total: number; cases: Case[] }
export interface Today {
  at: Instant;
  since: Instant;
  open: Record<Level, number>;
  new: News;
  worse: News;
  better: News;
  withdrawn: News;
  critical: News;
  oldest_open: Case | null;
  silent_feeds: Feed[];
  quarantine: { waiting: number; may_hide_critical: News };
  complete: boolean;
}

export interface QuarantinedReason {
  reason: string;
  waiting: number;
  total: number;
  newest: string;
  field: string;
  expected: string;
  received: Instant;
}
export interface Feed {
  source: string;
  last_received: Instant | null;
  last_effective: Instant | null;
  entries: number;
  since_start: { accepted: number; duplicate: number; conflict: number; quarantined: number };
  quarantined: QuarantinedReason[];
  lateness_hours: { median: number; p95: number } | null;
  usual_gap_hours: number | null;
  silent: boolean;
}
export interface Feeds { at: Instant; complete: boolean; feeds: Feed[] }

export interface QuarantineEntry {
  id: string;
  reason: string;
  field: string;
  expected: string;
  received: Instant;
  discarded: boolean;
  answered: boolean;
  source?: string;
  fact?: string;
}
export interface Quarantine { at: Instant; total: number; quarantine: QuarantineEntry[]; next: string | null }
export interface QuarantineDetail { entry: QuarantineEntry; text: string; truncated: boolean }
export interface Decision {
  id: string;
  outcome: 'accepted' | 'duplicate' | 'conflict' | 'quarantined' | 'discarded' | 'in-the-log';
  reason: string;
  field: string;
  expected: string;
}

export interface PatientRecord { at: Instant; patient: string; facts: Fact[]; findings: Finding[] }
export interface ChartPoint { at: Instant; facts: unknown[]; numbers: Record<string, number> }
export interface Charts {
  at: Instant;
  patient: string;
  charts: { detector: string; stream: string; points: ChartPoint[] }[];
}
export interface Received { patient: string; days: { day: string; last: Instant; entries: number }[] }

export interface Programme {
  at: Instant;
  complete: boolean;
  suppressed_below: number;
  enrolment: { month: string; site: string; patients: number | null }[];
  exposure: {
    lock_point: Instant;
    compound: string;
    route: string;
    patients: number | null;
    sessions: number | null;
    micrograms: number | null;
    person_years: number | null;
  }[];
  sessions: {
    month: string;
    by: 'compound' | 'route' | 'site';
    group: string;
    patients: number | null;
    sessions: number | null;
    micrograms: number | null;
  }[];
  findings: {
    month: string;
    by: 'level' | 'compound' | 'site' | 'detector';
    group: string;
    cases: number | null;
  }[];
  rates: {
    compound: string;
    level: Level;
    cases: number | null;
    person_years: number;
    per_100_person_years: number | null;
    lower: number | null;
    upper: number | null;
  }[];
}

export interface Catalogue {
  detectors: { id: string; domain: string; asks: string; version: number }[];
  sites: string[];
  compounds: string[];
  version: string;
  programme: string;
}
export interface Session { name: string | null; csrf: string | null; expires: Instant | null }
