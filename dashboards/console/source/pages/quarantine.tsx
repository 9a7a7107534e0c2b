// One entry of the quarantine: what came, what was expected, and what to do about it.

import { useEffect, useRef, useState } from 'preact/hooks';
import type { Decision, QuarantineDetail } from '../api';
import { post, query, type Trouble } from '../client';
import { CopyButton } from '../parts/copy_button';
import { Page, Section } from '../parts/page';
import { Time } from '../parts/signs';
import { Shown, TroubleNote } from '../parts/states';
import { useResource } from '../resource';
import { address } from '../router';
import { outcomes, quarantineReason } from '../words/quarantine';
import { entryState } from './feeds';

type Deed = 'retry' | 'discard';

export function QuarantinePage({ id }: { id: string }) {
  // What is understood leaves the quarantine: its page then stays as it was, with what became of it.
  const [said, setSaid] = useState<Decision | null>(null);
  const left = said !== null && ['accepted', 'duplicate', 'conflict'].includes(said.outcome);
  const held = useRef<QuarantineDetail | null>(null);
  const resource = useResource<QuarantineDetail>(left ? null : `quarantine/${encodeURIComponent(id)}`, true);
  if (resource.value) held.current = resource.value;
  return (
    <Page title={`Quarantine ${id}`} above={<p class="crumb"><a href="/feeds">Feeds</a> <span aria-hidden="true">/</span> quarantine</p>}>
      {left && held.current ? <Entry detail={held.current} said={said} onSaid={setSaid} />
        : <Shown resource={resource} what="the entry">{(detail) => <Entry detail={detail} said={said} onSaid={(decision) => { setSaid(decision); resource.again(); }} />}</Shown>}
    </Page>
  );
}

function Entry({ detail, said, onSaid }: { detail: QuarantineDetail; said: Decision | null; onSaid: (decision: Decision) => void }) {
  const { entry } = detail;
  const taken = said !== null && ['accepted', 'duplicate', 'conflict'].includes(said.outcome);
  const patient = patientOf(detail.text);
  const [asking, setAsking] = useState<Deed | null>(null);
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);
  const act = async (deed: Deed) => {
    setAsking(null);
    setBusy(true);
    setTrouble(null);
    const result = await post<Decision>(`quarantine/${encodeURIComponent(entry.id)}/${deed}`);
    setBusy(false);
    if (result.ok) onSaid(result.value);
    else setTrouble(result.trouble);
  };
  return (
    <>
      <div class="reason reason-watch">
        <p class="reason-sentence">This was not taken, because {quarantineReason(entry.reason)}{entry.field && <>: <code>{entry.field}</code></>}.</p>
        <p><strong>Expected:</strong> <span class="breakable">{entry.expected}</span></p>
        <dl class="facts-line">
          <div><dt>State</dt><dd>{taken ? 'taken out of quarantine' : entryState(entry)}</dd></div>
          <div><dt>Received</dt><dd><Time at={entry.received} /></dd></div>
          <div><dt>Source</dt><dd class="breakable">{entry.source ? <a href={`/feeds${query({ source: entry.source })}`}>{entry.source}</a> : 'not readable'}</dd></div>
          {entry.fact && <div><dt>Fact</dt><dd class="mono breakable">{entry.fact}</dd></div>}
          <div><dt>Reason</dt><dd>{entry.reason}</dd></div>
        </dl>
      </div>
      {entry.answered && <p class="note note-good" role="status">Answered: a version of this fact was accepted since. There is nothing to do.</p>}
      {said && <p class={said.outcome === 'quarantined' ? 'note note-warn' : 'note note-good'} role="status">{outcomes[said.outcome] ?? said.outcome}{said.outcome === 'quarantined' && ` Expected in ${said.field || 'it'}: ${said.expected}.`}{taken && patient !== null && <> <a href={address.patient(patient)}>Its patient</a></>}</p>}
      {trouble && <TroubleNote trouble={trouble} />}
      <Section title="As it was received" note={detail.truncated ? 'cut: it is longer' : undefined}>
        <Raw text={detail.text} />
      </Section>
      <Section title="What to do">
        <p>The surest way is that the source sends it again, corrected, under the same id: then this entry is answered by itself. <strong>Retry</strong> decodes it again under the configuration in force, which helps after an instrument, a code or a zone was configured. <strong>Discard</strong> sets it aside.</p>
        <div class="buttons deeds">
          <button type="button" class="button-main" disabled={busy || taken} onClick={() => setAsking('retry')}>Retry…</button>
          <button type="button" disabled={busy || taken || entry.discarded} onClick={() => setAsking('discard')}>Discard…</button>
        </div>
      </Section>
      {asking && <Confirm deed={asking} onYes={() => void act(asking)} onNo={() => setAsking(null)} />}
    </>
  );
}

function patientOf(text: string): string | null {
  try {
    const event = JSON.parse(text) as { patient?: unknown };
    return typeof event.patient === 'string' ? event.patient : null;
  } catch {
    return null;
  }
}

function Raw({ text }: { text: string }) {
  let tidy: string | null = null;
  try {
    tidy = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    // Not JSON: it stands as it is.
  }
  const [pretty, setPretty] = useState(false);
  return (
    <>
      <pre class="raw" tabIndex={0} role="region" aria-label="The event as it was received">{pretty && tidy !== null ? tidy : text}</pre>
      <div class="buttons">
        {tidy !== null && <button type="button" class="button-quiet" aria-pressed={pretty} onClick={() => setPretty(!pretty)}>one field a line</button>}
        <CopyButton text={text} what="the event" />
      </div>
    </>
  );
}

function Confirm({ deed, onYes, onNo }: { deed: Deed; onYes: () => void; onNo: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="dialog" ref={dialog} aria-labelledby="confirm-title" onClose={onNo}>
      <h2 id="confirm-title">{deed === 'retry' ? 'Decode it again?' : 'Set it aside?'}</h2>
      <p>{deed === 'retry' ? 'If it is understood now, it counts from now on, and may raise or change cases.' : 'It counts no more, and a critical case that rests on it alone is withdrawn. It stays readable, with this decision in the log.'}</p>
      <p class="dialog-foot">
        <button type="button" class="button-quiet" onClick={onNo}>Cancel</button>
        <button type="button" class={deed === 'retry' ? 'button-main' : 'button-bad'} onClick={onYes}>{deed === 'retry' ? 'Retry' : 'Discard'}</button>
      </p>
    </dialog>
  );
}
