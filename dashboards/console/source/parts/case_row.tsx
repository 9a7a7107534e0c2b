// A case in a list: who, what, how far, since when, and whether to trust it.

import type { Case, Instant } from '../api';
import { address } from '../router';
import { headline } from '../words/detectors';
import { ago } from '../words/format';
import { LevelSign, Sparkline, StateSign, Time, Unverified } from './signs';

export function CaseCard({ of, at }: { of: Case; at: Instant }) {
  const { title, detail } = headline(of);
  return (
    <li class={`card card-${of.level}`} data-item>
      <a class="card-link" href={address.case(of.case)} data-open>
        <LevelSign level={of.level} />
        <span class="card-title">{title}</span>
        {detail !== '' && <span class="card-detail">{detail}</span>}
      </a>
      <div class="card-foot">
        <a class="mono" href={address.patient(of.patient)}>{of.patient}</a>
        {of.site !== null && <span>{of.site}</span>}
        {of.compound !== null && <span>{of.compound}</span>}
        <span>onset <Time at={of.onset} dayOnly /></span>
        <span>known {ago(of.updated, at)}</span>
        <StateSign state={of.state} />
        <Unverified is={of.unverified} />
        <span class="card-detector" title="detector">{of.detector}</span>
        {new Set(of.trend).size > 1 && <Sparkline of={of} />}
      </div>
    </li>
  );
}
