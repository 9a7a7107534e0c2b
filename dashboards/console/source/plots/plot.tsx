// One plot: series, the limits they cross, bands of what is usual, and rings around the evidence. uPlot draws the axes and
// lines; the rest is drawn over it. The same numbers stand below as a table, for those who do not see the picture.

import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { clock, day, moment, number, short } from '../words/format';
import { onTheme } from '../visit';

export type Ink = 'ink' | 'ink-2' | 'ink-3' | 'quiet' | 'critical' | 'alert' | 'watch' | 'info' | 'good';
export interface Series {
  name: string;
  points: [x: number, y: number][];
  ink: Ink;
  kind: 'line' | 'points' | 'both' | 'steps' | 'bars';
  dash?: boolean;
  right?: boolean;
  unit?: string;
}
export interface PlotSpec {
  title: string;
  x: 'time' | 'minutes';
  unit: string;
  rightUnit?: string;
  series: Series[];
  limits?: { name: string; value: number; ink: Ink }[];
  bands?: { name: string; from: number; to: number }[];
  verticals?: { x: number; name: string }[];
  rings?: { x: number; y: number }[];
  range?: [number, number];  // of x
  floor?: number;            // of y: shown at least from here
  height?: number;
}

const tableRowsMax = 400;

/** What has no points stands neither in the legend nor on an axis of its own. */
const hasPoints = (one: Series): boolean => one.points.length > 0;

export function Plot({ spec }: { spec: PlotSpec }) {
  const box = useRef<HTMLDivElement>(null);
  const [readout, setReadout] = useState('');
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    let plot = make(element, spec, setReadout);
    const resize = new ResizeObserver(() => {
      if (Math.abs(element.clientWidth - plot.width) > 1) plot.setSize({ width: element.clientWidth, height: plot.height });
    });
    resize.observe(element);
    const stop = onTheme(() => {
      plot.destroy();
      plot = make(element, spec, setReadout);
    });
    return () => {
      stop();
      resize.disconnect();
      plot.destroy();
    };
  }, [spec]);
  const size = spec.series.reduce((n, one) => n + one.points.length, 0);
  return (
    <figure class="plot">
      <figcaption class="plot-head">
        <span class="plot-title">{spec.title}</span>
        <span class="plot-readout" aria-hidden="true">{readout}</span>
      </figcaption>
      <div class="plot-box" ref={box} role="img" aria-label={describe(spec)} style={{ height: `${spec.height ?? 280}px` }} />
      <ul class="legend" aria-hidden="true">
        {spec.series.filter(hasPoints).map((one) => <li key={one.name}><span class={`swatch swatch-${one.kind} ink-${one.ink} ${one.dash ? 'swatch-dash' : ''}`} />{one.name}</li>)}
        {spec.limits?.map((one) => <li key={one.name}><span class={`swatch swatch-line swatch-dash ink-${one.ink}`} />{one.name} {short(one.value)}</li>)}
        {spec.bands?.map((one) => <li key={one.name}><span class="swatch swatch-band" />{one.name}</li>)}
        {(spec.rings?.length ?? 0) > 0 && <li><span class="swatch swatch-ring" />evidence of this case</li>}
      </ul>
      {size > 0 && <details class="numbers"><summary>The numbers as a table</summary><Numbers spec={spec} /></details>}
    </figure>
  );
}

function describe(spec: PlotSpec): string {
  const series = spec.series.map((one) => {
    if (one.points.length === 0) return `${one.name}: none`;
    const values = one.points.map((point) => point[1]);
    return `${one.name}: ${one.points.length} values from ${short(Math.min(...values))} to ${short(Math.max(...values))} ${one.unit ?? spec.unit}`;
  });
  const limits = (spec.limits ?? []).map((one) => `${one.name} ${short(one.value)}`);
  return `${spec.title}. ${[...series, ...limits].join('; ')}.`;
}

function Numbers({ spec }: { spec: PlotSpec }) {
  const rows = useMemo(
    () => spec.series.flatMap((one) => one.points.map(([x, y]) => ({ x, y, name: one.name, unit: one.unit ?? (one.right ? spec.rightUnit : spec.unit) ?? '' })))
      .sort((a, b) => a.x - b.x).slice(-tableRowsMax),
    [spec],
  );
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={`${spec.title}, numbers`}>
      <table class="plain">
        <thead><tr><th scope="col">{spec.x === 'time' ? 'Time (UTC)' : 'Minutes after the start'}</th><th scope="col">What</th><th scope="col" class="num">Value</th></tr></thead>
        <tbody>{rows.map((row, i) => <tr key={i}><td>{said(spec, row.x)}</td><td>{row.name}</td><td class="num">{number(row.y, 4)} {row.unit}</td></tr>)}</tbody>
      </table>
    </div>
  );
}
function said(spec: PlotSpec, x: number): string {
  return spec.x === 'time' ? moment(x * 1000) : `${number(x, 1)} min`;
}

/** Canvas knows no variables of the style sheet: a probe has them computed, for the theme in force. */
function inks(element: Element): (name: Ink | 'grid' | 'band' | 'text' | 'paper') => string {
  const probe = document.createElement('span');
  element.append(probe);
  const known = new Map<string, string>();
  for (const name of ['ink', 'ink-2', 'ink-3', 'quiet', 'critical', 'alert', 'watch', 'info', 'good', 'grid', 'band', 'text', 'paper']) {
    probe.className = `probe probe-${name}`;
    known.set(name, getComputedStyle(probe).color);
  }
  probe.remove();
  return (name) => known.get(name) ?? '#888';
}

function aligned(spec: PlotSpec): uPlot.AlignedData {
  const xs = [...new Set(spec.series.flatMap((one) => one.points.map((point) => point[0])))].sort((a, b) => a - b);
  const index = new Map(xs.map((x, i) => [x, i]));
  const columns = spec.series.map((one) => {
    const column: (number | null)[] = new Array(xs.length).fill(null);
    for (const [x, y] of one.points) column[index.get(x) as number] = y;
    return column;
  });
  return [xs, ...columns] as uPlot.AlignedData;
}

function make(element: HTMLDivElement, spec: PlotSpec, read: (text: string) => void): uPlot {
  const ink = inks(element);
  const font = '12px system-ui, sans-serif';
  const axis = (unit: string, extra: Partial<uPlot.Axis> = {}): uPlot.Axis => ({
    stroke: ink('text'), font, labelFont: font, labelSize: 18, label: unit, gap: 4, size: 48,
    grid: { stroke: ink('grid'), width: 1 }, ticks: { stroke: ink('grid'), width: 1, size: 4 }, ...extra,
  });
  let drawn: [number, number] | null = null;  // with the mouse; a double click takes it back
  const plot = new uPlot(
    {
      width: element.clientWidth || 600,
      height: spec.height ?? 280,
      legend: { show: false },
      cursor: { points: { size: 7 }, drag: { x: true, y: false, setScale: false } },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: { x: { time: spec.x === 'time', range: (_, low, high) => (drawn && drawn[0] === low && drawn[1] === high ? drawn : padded(spec)) }, y: { range: (_, low, high) => reach(spec, low, high, false) }, right: { range: (_, low, high) => reach(spec, low, high, true) } },
      axes: [
        axis(spec.x === 'time' ? 'UTC' : 'minutes after the start of the session', { size: 34, values: spec.x === 'time' ? timeTicks : undefined as never, space: 70 }),
        axis(spec.unit),
        ...(spec.rightUnit && spec.series.some((one) => one.right && hasPoints(one)) ? [axis(spec.rightUnit, { side: 1, scale: 'right', grid: { show: false } })] : []),
      ],
      series: [{}, ...spec.series.map((one) => series(one, ink(one.ink)))],
      hooks: {
        drawClear: [(u) => under(u, spec, ink)],
        draw: [(u) => over(u, spec, ink)],
        setCursor: [(u) => read(textAt(u, spec))],
        setSelect: [(u) => {
          if (u.select.width < 8) return;
          drawn = [u.posToVal(u.select.left, 'x'), u.posToVal(u.select.left + u.select.width, 'x')];
          u.setScale('x', { min: drawn[0], max: drawn[1] });
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
      },
    },
    aligned(spec),
    element,
  );
  return plot;
}

function series(one: Series, stroke: string): uPlot.Series {
  const points = { show: one.kind === 'points' || one.kind === 'both', size: 7, fill: stroke, stroke, width: 1 };
  return {
    label: one.name, scale: one.right ? 'right' : 'y', stroke, width: one.kind === 'points' ? 0 : 2, spanGaps: true, points,
    ...(one.dash ? { dash: [6, 4] } : {}),
    ...(one.kind === 'points' ? { paths: () => null } : {}),
    ...(one.kind === 'steps' && uPlot.paths.stepped ? { paths: uPlot.paths.stepped({ align: 1 }) } : {}),
    ...(one.kind === 'bars' && uPlot.paths.bars ? { paths: uPlot.paths.bars({ size: [0.7, 40] }), fill: stroke } : {}),
  };
}

function padded(spec: PlotSpec): [number, number] {
  let [from, to] = spec.range ?? [Infinity, -Infinity];
  if (!spec.range) {
    for (const one of spec.series) {
      for (const [x] of one.points) [from, to] = [Math.min(from, x), Math.max(to, x)];
    }
  }
  if (from > to) return [0, 1];
  const least = spec.x === 'time' ? 86_400 : 10;
  const room = Math.max((to - from) * 0.03, to === from ? least : 0);
  return [from - room, to + room];
}
function reach(spec: PlotSpec, low: number | null, high: number | null, right: boolean): [number, number] {
  let bottom = low ?? 0;
  let top = high ?? 1;
  if (!right) {
    for (const limit of spec.limits ?? []) {
      bottom = Math.min(bottom, limit.value);
      top = Math.max(top, limit.value);
    }
    if (spec.floor !== undefined) bottom = Math.min(bottom, spec.floor);
  } else {
    bottom = Math.min(bottom, 0);
  }
  const room = (top - bottom || Math.abs(top) || 1) * 0.08;
  return [bottom === 0 && spec.floor === 0 ? 0 : bottom - room, top + room];
}

function timeTicks(u: uPlot, splits: number[]): string[] {
  const reachDays = ((u.scales['x']?.max ?? 0) - (u.scales['x']?.min ?? 0)) / 86_400;
  return splits.map((at) => {
    const [d = '', m = '', y = ''] = day(at * 1000).split(' ');
    if (reachDays <= 2) return clock(at * 1000) === '00:00' ? `${d} ${m}` : clock(at * 1000);
    return reachDays > 300 ? `${m} ${y}` : `${d} ${m}`;
  });
}

function textAt(u: uPlot, spec: PlotSpec): string {
  const i = u.cursor.idx;
  if (i === null || i === undefined || u.cursor.left === undefined || u.cursor.left < 0) return '';
  const x = u.data[0][i];
  if (x === undefined) return '';
  const values = spec.series.flatMap((one, s) => {
    const y = u.data[s + 1]?.[i];
    return y === null || y === undefined ? [] : [`${one.name} ${number(y, 2)} ${one.unit ?? (one.right ? spec.rightUnit : spec.unit) ?? ''}`.trim()];
  });
  return `${said(spec, x)}: ${values.join(', ')}`;
}

type InkOf = ReturnType<typeof inks>;
function under(u: uPlot, spec: PlotSpec, ink: InkOf): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = ink('band');
  for (const band of spec.bands ?? []) {
    const top = u.valToPos(Math.max(band.from, band.to), 'y', true);
    const bottom = u.valToPos(Math.min(band.from, band.to), 'y', true);
    const from = Math.max(top, bbox.top);
    ctx.fillRect(bbox.left, from, bbox.width, Math.max(0, Math.min(bottom, bbox.top + bbox.height) - from));
  }
  ctx.restore();
}

function over(u: uPlot, spec: PlotSpec, ink: InkOf): void {
  const { ctx, bbox } = u;
  const ratio = window.devicePixelRatio || 1;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  ctx.font = `${11 * ratio}px system-ui, sans-serif`;
  ctx.textBaseline = 'alphabetic';
  ctx.lineWidth = 1.5 * ratio;
  for (const limit of spec.limits ?? []) {
    const y = u.valToPos(limit.value, 'y', true);
    ctx.strokeStyle = ctx.fillStyle = ink(limit.ink);
    ctx.setLineDash([7 * ratio, 4 * ratio]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.textAlign = 'right';
    // Readable also where a line runs through it.
    const [text, x] = [`${limit.name} ${short(limit.value)}`, bbox.left + bbox.width - 4 * ratio];
    ctx.setLineDash([]);
    ctx.strokeStyle = ink('paper');
    ctx.lineWidth = 4 * ratio;
    ctx.lineJoin = 'round';
    ctx.strokeText(text, x, y - 4 * ratio);
    ctx.fillText(text, x, y - 4 * ratio);
    ctx.lineWidth = 1.5 * ratio;
  }
  ctx.strokeStyle = ctx.fillStyle = ink('quiet');
  ctx.textAlign = 'left';
  for (const vertical of spec.verticals ?? []) {
    const x = u.valToPos(vertical.x, 'x', true);
    ctx.setLineDash([2 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    if (vertical.name) ctx.fillText(vertical.name, x + 4 * ratio, bbox.top + 12 * ratio);
  }
  ctx.setLineDash([]);
  ctx.strokeStyle = ink('critical');
  ctx.lineWidth = 2 * ratio;
  for (const ring of spec.rings ?? []) {
    ctx.beginPath();
    ctx.arc(u.valToPos(ring.x, 'x', true), u.valToPos(ring.y, 'y', true), 7.5 * ratio, 0, 2 * Math.PI);
    ctx.stroke();
  }
  ctx.restore();
}
