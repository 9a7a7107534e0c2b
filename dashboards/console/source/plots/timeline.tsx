// A patient's whole timeline in lanes under one axis of time. Thousands of marks are a few dozen paths: a mark is a line of no
// length with a round end. The table of facts below says the same in words.

import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Fact, Finding } from '../api';
import { address, go } from '../router';
import { headline } from '../words/detectors';
import { count, day, moment } from '../words/format';
import { factWords } from '../words/sentences';
import { barsOf, lanesOf, type Lane, type Mark } from './lanes';

const dayMs = 86_400_000;
const gutterWide = 190;
const nearPx = 7;
const nearMax = 6;
const barHeight = 15;
const labelHeight = 32;  // of a name and a note
const barHeights = { critical: 13, alert: 10, watch: 7, info: 4 };  // the height says the level too

interface View { from: number; to: number }

export function Timeline({ facts, findings, at }: { facts: Fact[]; findings: Finding[]; at: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(900);
  const groups = useMemo(() => lanesOf(facts), [facts]);
  const whole = useMemo(() => reachOf(facts, findings), [facts, findings]);
  const [zoom, setZoom] = useState<View | null>(null);
  const view = zoom ?? whole;
  useLayoutEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    setWidth(element.clientWidth);
    return () => observer.disconnect();
  }, []);
  const gutter = width < 640 ? 0 : gutterWide;
  const inner = Math.max(100, width - gutter - 8);
  const x = (ms: number) => gutter + ((ms - view.from) / (view.to - view.from)) * inner;
  const back = (px: number) => view.from + ((px - gutter) / inner) * (view.to - view.from);
  const [pointer, setPointer] = useState<{ px: number; pressed: number | null } | null>(null);
  const near = pointer === null ? [] : nearest(groups.flatMap((group) => group.lanes), back(pointer.px), (nearPx / inner) * (view.to - view.from));

  const onMove = (event: PointerEvent) => {
    const px = event.clientX - (box.current?.getBoundingClientRect().left ?? 0);
    setPointer((old) => (px < gutter ? null : { px, pressed: old?.pressed ?? null }));
  };
  const onUp = () => {
    if (pointer?.pressed !== null && pointer && Math.abs(pointer.px - pointer.pressed) > 8) {
      const [from, to] = [back(Math.min(pointer.px, pointer.pressed)), back(Math.max(pointer.px, pointer.pressed))];
      if (to - from > dayMs / 24) setZoom({ from, to });
    }
    setPointer((old) => old && { ...old, pressed: null });
  };
  const shift = (part: number) => setZoom({ from: view.from + (view.to - view.from) * part, to: view.to + (view.to - view.from) * part });
  const scale = (by: number) => {
    const middle = (view.from + view.to) / 2;
    const half = Math.max(dayMs / 4, ((view.to - view.from) / 2) * by);
    setZoom({ from: middle - half, to: middle + half });
  };
  return (
    <div class="timeline">
      <div class="timeline-head">
        <p class="timeline-readout" aria-live="off">
          {near.length > 0 ? <><strong>{moment(near[0]?.at ?? 0)}</strong> {near.map((mark) => factWords(mark.fact)).filter((text, i, all) => all.indexOf(text) === i).join(' · ')}</>
            : <span class="quiet">{day(view.from)} to {day(view.to)}. Point at a mark to read it, drag to look closer.</span>}
        </p>
        <div class="buttons" role="group" aria-label="Part of the timeline">
          <button type="button" onClick={() => shift(-0.5)} aria-label="Earlier">←</button>
          <button type="button" onClick={() => scale(0.5)} aria-label="Closer">+</button>
          <button type="button" onClick={() => scale(2)} aria-label="Further away">−</button>
          <button type="button" onClick={() => shift(0.5)} aria-label="Later">→</button>
          <button type="button" onClick={() => setZoom(null)} disabled={zoom === null}>All</button>
        </div>
      </div>
      <div
        class="lanes" ref={box} onPointerMove={onMove} onPointerLeave={() => setPointer(null)} onPointerUp={onUp}
        onPointerDown={(event) => { if (event.pointerType === 'mouse' && !(event.target as Element).closest('a')) setPointer({ px: event.clientX - (box.current?.getBoundingClientRect().left ?? 0), pressed: event.clientX - (box.current?.getBoundingClientRect().left ?? 0) }); }}
      >
        <Axis view={view} x={x} width={width} gutter={gutter} />
        {findings.length > 0 && <Findings findings={findings} view={view} x={x} width={width} gutter={gutter} inner={inner} at={at} />}
        {groups.map((group) => (
          <div key={group.title} class="lane-group" role="group" aria-label={group.title}>
            <h3 class="lane-title">{group.title}</h3>
            {group.lanes.map((lane) => <LaneRow key={lane.name} lane={lane} x={x} width={width} gutter={gutter} view={view} />)}
          </div>
        ))}
        {pointer && <div class="crosshair" style={{ left: `${pointer.px}px` }} />}
        {pointer?.pressed != null && <div class="drawn" style={{ left: `${Math.min(pointer.px, pointer.pressed)}px`, width: `${Math.abs(pointer.px - pointer.pressed)}px` }} />}
      </div>
      <p class="quiet small">Grey and hollow: superseded, replaced, retracted or in conflict; of symptoms also: asked, not present.</p>
    </div>
  );
}

function reachOf(facts: Fact[], findings: Finding[]): View {
  let [from, to] = [Infinity, -Infinity];
  const take = (text: string | undefined) => {
    const ms = Date.parse(text ?? '');
    if (Number.isNaN(ms)) return;
    from = Math.min(from, ms);
    to = Math.max(to, ms);
  };
  for (const fact of facts) take(fact.effective);
  for (const finding of findings) { take(finding.onset); take(finding.ended); }
  if (from > to) return { from: 0, to: dayMs };
  const room = Math.max(dayMs, (to - from) * 0.02);
  return { from: from - room, to: to + room };
}

function nearest(lanes: Lane[], ms: number, reach: number): Mark[] {
  const marks: Mark[] = [];
  for (const lane of lanes) for (const mark of lane.marks) if (Math.abs(mark.at - ms) <= reach) marks.push(mark);
  return marks.sort((a, b) => Math.abs(a.at - ms) - Math.abs(b.at - ms)).slice(0, nearMax);
}

interface Drawing { view: View; x: (ms: number) => number; width: number; gutter: number }
function ticksOf(view: View, most: number): number[] {
  const size = view.to - view.from;
  if (size < 3 * dayMs) {
    const step = Math.max(1, Math.ceil(size / 3_600_000 / most)) * 3_600_000;
    return spread(Math.ceil(view.from / step) * step, step, view.to);
  }
  if (size < 62 * dayMs) {
    const step = Math.ceil(size / dayMs / most) * dayMs;
    return spread(Math.ceil(view.from / dayMs) * dayMs, step, view.to);
  }
  const every = Math.max(1, Math.ceil(size / (30.44 * dayMs) / most));
  const first = new Date(view.from);
  const ticks: number[] = [];
  for (let m = first.getUTCMonth() + 1; ticks.length < 40; m += every) {
    const ms = Date.UTC(first.getUTCFullYear(), m, 1);
    if (ms > view.to) break;
    ticks.push(ms);
  }
  return ticks;
}
function spread(from: number, step: number, to: number): number[] {
  const ticks = [];
  for (let ms = from; ms <= to; ms += step) ticks.push(ms);
  return ticks;
}
function tickText(ms: number, view: View): string {
  const [d = '', m = '', y = ''] = day(ms).split(' ');
  if (view.to - view.from < 3 * dayMs) return moment(ms).slice(-9, -4);
  return view.to - view.from < 62 * dayMs ? `${d} ${m}` : m === 'Jan' ? `${m} ${y}` : m;
}

function Axis({ view, x, width, gutter }: Drawing) {
  const ticks = ticksOf(view, Math.max(3, Math.floor((width - gutter) / 70)));
  return (
    <svg class="axis" width={width} height={24} aria-hidden="true">
      {ticks.filter((ms) => x(ms) >= gutter + 8 && x(ms) <= width - 12).map((ms) => <text key={ms} x={x(ms)} y={16} text-anchor="middle">{tickText(ms, view)}</text>)}
      {gutter > 0 && <text x={0} y={16} class="axis-zone">UTC</text>}
    </svg>
  );
}

function Grid({ view, x, height, gutter, width }: Drawing & { height: number }) {
  const ticks = ticksOf(view, Math.max(3, Math.floor((width - gutter) / 70)));
  return <path class="lane-grid" d={ticks.map((ms) => `M${x(ms).toFixed(1)} 0V${height}`).join('')} />;
}

/** Marks of one look are one path. */
function paths(marks: Mark[], x: (ms: number) => number, height: number, view: View): [string, string][] {
  const groups = new Map<string, string[]>();
  for (const mark of marks) {
    if (mark.at < view.from || mark.at > view.to) continue;
    const key = `${mark.hollow ? 'hollow' : 'full'} ink-${mark.ink}`;
    const part = `M${x(mark.at).toFixed(1)} ${((1 - mark.y) * height).toFixed(1)}h0`;
    const group = groups.get(key);
    if (group) group.push(part);
    else groups.set(key, [part]);
  }
  return [...groups].map(([key, parts]) => [key, parts.join('')]);
}

function LaneRow({ lane, x, width, gutter, view }: Drawing & { lane: Lane }) {
  const { height } = lane;
  const label = `${lane.name}, ${lane.note ? `${lane.note}, ` : ''}${count(lane.marks.length, 'mark')}`;
  const active = lane.marks.filter((mark) => !mark.hollow && mark.at >= view.from - (view.to - view.from) && mark.at <= view.to + (view.to - view.from));
  const line = lane.line ? active.map((mark, i) => `${i ? 'L' : 'M'}${x(mark.at).toFixed(1)} ${((1 - mark.y) * height).toFixed(1)}`).join('') : '';
  const stems = lane.stems ? active.map((mark) => `M${x(mark.at).toFixed(1)} ${height}V${((1 - mark.y) * height).toFixed(1)}`).join('') : '';
  return (
    <div class="lane" style={{ height: `${height}px` }}>
      <div class="lane-label" style={{ width: `${gutter - 12}px` }} title={label}><span class="lane-name">{lane.name}</span> {height > 24 && <span class="lane-note">{lane.note}</span>}</div>
      <svg width={width} height={height} role="img" aria-label={label}>
        <clipPath id={`clip-${lane.name}`}><rect x={gutter} y={-4} width={Math.max(0, width - gutter)} height={height + 8} /></clipPath>
        <g clip-path={`url("#clip-${CSS.escape(lane.name)}")`}>
          <Grid view={view} x={x} height={height} gutter={gutter} width={width} />
          {lane.spans?.map((span, i) => <rect key={i} class={`lane-span ink-${span.ink}`} x={x(span.from)} y={height / 2 - 4} width={Math.max(2, x(span.to ?? view.to) - x(span.from))} height={8} rx={3} />)}
          {line && <path class="lane-line" d={line} />}
          {stems && <path class="lane-stems" d={stems} />}
          {paths(lane.marks, x, height, view).map(([key, d]) => <path key={key} class={`marks marks-${key}`} d={d} />)}
        </g>
      </svg>
    </div>
  );
}

function Findings({ findings, view, x, width, gutter, inner, at }: Drawing & { findings: Finding[]; inner: number; at: string }) {
  const bars = useMemo(() => barsOf(findings, (14 / inner) * (view.to - view.from), Math.min(Date.parse(at), view.to)), [findings, view.from, view.to, inner, at]);
  const height = Math.max(labelHeight, (Math.max(0, ...bars.map((bar) => bar.row)) + 1) * barHeight + 4);
  return (
    <div class="lane-group" role="group" aria-label="Findings">
      <h3 class="lane-title">Findings</h3>
      <div class="lane" style={{ height: `${height}px` }}>
        <div class="lane-label" style={{ width: `${gutter - 12}px` }}><span class="lane-name">{count(findings.length, 'finding')}</span> <span class="lane-note">follow one to its case</span></div>
        <svg width={width} height={height} role="img" aria-label={`${count(findings.length, 'finding')}, listed below`}>
          <Grid view={view} x={x} height={height} gutter={gutter} width={width} />
          {bars.filter((bar) => bar.to >= view.from && bar.from <= view.to).map(({ finding, row, from, to }) => {
            const left = Math.max(gutter, x(from));
            return (
              <rect
                key={finding.id} class={`bar level-${finding.level} bar-${finding.level}`} x={left} y={row * barHeight + 2 + (11 - barHeights[finding.level]) / 2} width={Math.max(9, x(to) - left)} height={barHeights[finding.level]} rx={finding.level === 'critical' ? 0 : 4}
                onClick={() => go(address.case(finding.id))}
              >
                <title>{`${finding.level}: ${headline(finding).title}, ${day(finding.onset)}, ${finding.state}`}</title>
              </rect>
            );
          })}
        </svg>
      </div>
    </div>
  );
}

