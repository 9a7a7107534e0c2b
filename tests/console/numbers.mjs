// The numbers of every page, against what the command line says of the same store. They come first: nothing is handed in before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, openPage } from './support.mjs';
import { world } from './world.mjs';

const levels = ['critical', 'alert', 'watch', 'info'];
const yearUs = 365.25 * 86_400e6;
const grouped = (value, digits = 2) => value.toLocaleString('en-GB', { maximumFractionDigits: digits });
const isLive = (state) => state === 'open' || state === 'resolved';
const told = (text) => Number(text.replace(/,/g, ''));

/** The text of every cell of a table, a row each. */
function cellsOf(table) {
  return table.locator('tbody tr').evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.innerText.trim())));
}
async function opened(path, options) {
  const page = await openPage(world.browser, world.service.url + path, options);
  await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.loading'));
  return page;
}
function cli(...args) {
  return asked(...args, '--data', world.programme.data);
}
/** Revisions by case, the oldest first. */
function revisionsByCase() {
  const cases = new Map();
  for (const one of cli('alerts', '--history').revisions) {
    if (!cases.has(one.case)) cases.set(one.case, []);
    cases.get(one.case).push(one);
  }
  for (const revisions of cases.values()) revisions.sort((a, b) => a.revision - b.revision);
  return cases;
}
const lastRevisions = () => [...revisionsByCase().values()].map((revisions) => revisions.at(-1));
/** The name of the list in which Today shows a case, or null: said anew here, from the history alone. */
function turnOf(revisions, sinceMs) {
  const last = revisions.at(-1);
  if (Date.parse(last.updated) <= sinceMs) return null;
  const then = revisions.filter((one) => Date.parse(one.updated) <= sinceMs).at(-1);
  if (!isLive(last.state)) return !then || isLive(then.state) ? 'Withdrawn' : null;
  if (!then || !isLive(then.state)) return 'New';
  if (last.state !== then.state) return last.state === 'open' ? 'Worse' : 'Better';
  if (last.level === then.level) return null;
  return levels.indexOf(last.level) < levels.indexOf(then.level) ? 'Worse' : 'Better';
}

test('numbers_of_today_equal_those_of_the_command_line', async () => {
  const { at, alerts } = cli('alerts', '--state', 'open');
  const sinceMs = Date.parse(at) - 60 * 86_400_000;
  const page = await opened(`/?since=${new Date(sinceMs).toISOString().replace(/\.\d+/, '')}`);
  for (const level of levels) {
    assert.equal(told(await page.locator(`.count-${level} .count-number`).innerText()), alerts.filter((one) => one.level === level).length, `open cases of level ${level}`);
  }
  const sinceExactly = Math.floor(sinceMs / 1000) * 1000;
  const turns = [...revisionsByCase().values()].map((revisions) => turnOf(revisions, sinceExactly));
  for (const title of ['New', 'Worse', 'Better', 'Withdrawn']) {
    const expected = turns.filter((turn) => turn === title).length;
    const section = page.locator('section', { has: page.getByRole('heading', { name: title, exact: true }) });
    if (expected === 0) await section.getByText(`Nothing is ${title.toLowerCase()} since then.`).waitFor();
    else assert.equal(told(await section.locator('strong.number').innerText()), expected, title);
  }
  assert.ok(turns.some((turn) => turn !== null), 'there is news to count');
  const critical = alerts.filter((one) => one.level === 'critical').length;
  if (critical > 0) await page.locator('section', { has: page.getByRole('heading', { name: 'Critical and open' }) }).getByText(`${critical} case${critical === 1 ? '' : 's'}`, { exact: true }).waitFor();
  const oldest = alerts.filter((one) => one.level === 'critical' || one.level === 'alert').sort((a, b) => (a.onset < b.onset ? -1 : 1))[0];
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Open for longest' }) });
  if (oldest) assert.equal(await card.locator('.card-foot time').first().getAttribute('datetime'), oldest.onset);
  const waiting = cli('quarantine', 'list').quarantine.filter((one) => !one.discarded && !one.answered).length;
  assert.ok(waiting > 0, 'something waits in quarantine');
  await page.getByText(waiting === 1 ? '1 entry waits' : `${waiting} entries wait`).waitFor();
  await page.context().close();
});

test('numbers_of_the_list_of_cases_equal_those_of_the_command_line', async () => {
  const last = lastRevisions();
  const page = await opened('/cases?sort=onset&order=asc');
  for (const [query, keep] of [
    ['', () => true],
    ...levels.map((level) => [`?level=${level}`, (one) => one.level === level]),
    ...['open', 'resolved', 'superseded', 'retracted', 'merged'].map((state) => [`?state=${state}`, (one) => one.state === state]),
    ...[...new Set(last.map((one) => one.detector))].slice(0, 4).map((detector) => [`?detector=${detector}`, (one) => one.detector === detector]),
  ]) {
    const expected = last.filter(keep).length;
    await page.goto(`${world.service.url}/cases${query}`);
    await page.waitForFunction(() => document.querySelector('.total')?.textContent !== '');
    assert.equal(await page.locator('.total').innerText(), `${grouped(expected)} ${expected === 1 ? 'case' : 'cases'}`, query);
  }
  await page.goto(`${world.service.url}/cases?sort=onset&order=asc`);
  await page.locator('.row[data-item] .level').first().waitFor();
  const sorted = [...last].sort((a, b) => (a.onset < b.onset ? -1 : a.onset > b.onset ? 1 : 0));
  const rows = await page.locator('.row[data-item]').evaluateAll((all) => all.filter((row) => row.querySelector('[data-open]')).map((row) => ({
    case: row.querySelector('[data-open]').getAttribute('href').split('/').pop(),
    level: row.querySelector('.level').innerText.trim(), detector: row.querySelector('.detector').innerText, patient: row.querySelector('.cell-patient a').title,
    onset: row.querySelector('.cell-onset time').dateTime, updated: row.querySelector('.cell-known time').dateTime, label: row.querySelector('.spark')?.getAttribute('aria-label') ?? '',
  })));
  assert.ok(rows.length >= 10);
  for (const [index, row] of rows.entries()) {
    const one = last.find((other) => other.case === row.case);
    assert.equal(row.onset, sorted[index].onset);
    assert.deepEqual([row.level, row.detector, row.patient, row.onset, row.updated], [one.level, one.detector, one.subject.patient, one.onset, one.updated]);
    if (one.statistic.threshold !== null && row.label !== '') assert.ok(row.label.endsWith(`; limit ${short(one.statistic.threshold)}`), row.label);
  }
  await page.context().close();
});

/** How the console writes a number: at most four significant digits. */
function short(value) {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return grouped(value);
  return grouped(value, size >= 100 ? 1 : size >= 1 ? 2 : 3);
}

test('numbers_of_a_case_of_each_detector_equal_those_of_explain', async () => {
  const one_of_each = new Map();
  for (const revisions of revisionsByCase().values()) one_of_each.set(revisions[0].detector, revisions);
  assert.ok(one_of_each.size >= 8, `${one_of_each.size} detectors`);
  const page = await opened('/');
  for (const [detector, revisions] of one_of_each) {
    const last = revisions.at(-1);
    const explained = cli('explain', last.case);
    await page.goto(`${world.service.url}/cases/${last.case}`);
    await page.locator('tr.total .num').waitFor();
    const title = `${detector} ${last.case}`;
    assert.equal(await page.locator('tr.total .num').getAttribute('title'), String(last.statistic.value), title);
    if (last.statistic.threshold !== null) assert.ok((await page.locator('tr.total .num').innerText()).endsWith(`limit ${short(last.statistic.threshold)}`), title);
    const more = page.getByRole('button', { name: /^All \d+ (steps|revisions|facts|parameters)$/ });
    while (await more.count()) await more.first().click();
    assert.equal(await page.locator('.history > li').count(), revisions.length, title);
    for (const [index, text] of (await page.locator('.history .history-head time').evaluateAll((all) => all.map((time) => time.dateTime))).entries()) assert.equal(text, revisions[revisions.length - 1 - index].updated, title);
    assert.equal(await page.locator('section[aria-label=Evidence] tbody tr').count(), explained.facts.length, title);
    const steps = await page.locator('section[aria-label=Calculation] table').first().locator('tr:not(.total) .num').evaluateAll((all) => all.map((cell) => cell.title));
    const { inputs, parameters } = explained.finding.statistic;
    assert.deepEqual(steps, Object.values(inputs).map(String), title);
    const inForce = await page.locator('section[aria-label=Calculation] table').nth(1).locator('tbody .num').allInnerTexts();
    assert.deepEqual(inForce.map((text) => text.split(' ')[0]), Object.values(parameters).map((value) => short(value).split(' ')[0]), title);
  }
  await page.context().close();
});

test('numbers_of_a_patient_equal_those_of_the_command_line', async () => {
  const { alerts } = cli('alerts');
  const page = await opened('/');
  for (const patient of [...new Set(alerts.map((one) => one.subject.patient))].slice(0, 4)) {
    const record = cli('patient', patient);
    const active = record.facts.filter((fact) => fact.state === 'active');
    const sessions = active.filter((fact) => fact.kind === 'session');
    await page.goto(`${world.service.url}/patients/${patient}`);
    await page.locator('.facts-line-box').waitFor();
    const said = Object.fromEntries(await page.locator('.facts-line-box > div').evaluateAll((all) => all.map((one) => [one.querySelector('dt').innerText, one.querySelector('dd').innerText])));
    assert.equal(told(said['Sessions'].split(' ')[0]), sessions.length, patient);
    assert.equal(said['All doses'], `${grouped(sessions.reduce((sum, one) => sum + (one.dose_mg ?? 0), 0))} mg`, patient);
    assert.equal(said['Facts'], `${grouped(record.facts.length)}, ${grouped(active.length)} active`, patient);
    const expected = record.findings.length;
    const findings = page.locator('section', { has: page.getByRole('heading', { name: 'Findings', exact: true }) });
    await findings.first().getByText(`${expected} finding${expected === 1 ? '' : 's'}`, { exact: true }).first().waitFor();
    const all = findings.getByRole('button', { name: /^All \d+ findings$/ });
    if (await all.count()) await all.click();
    assert.deepEqual((await findings.locator('[data-open]').evaluateAll((links) => links.map((link) => link.getAttribute('href').split('/').pop()))).sort(), record.findings.map((one) => one.id).sort());
    await page.getByText(`${grouped(record.facts.length)} of ${grouped(record.facts.length)}, every version`).waitFor();
  }
  await page.context().close();
});

test('numbers_of_the_programme_equal_those_of_the_command_line', async () => {
  const { lock_points } = cli('cohort', '--lock-points');
  const last = lock_points.filter((one) => one.complete).map((one) => one.lock_point).sort().at(-1);
  const tables = Object.fromEntries(cli('cohort', '--lock-point', last).tables.map((table) => [table.name, table.rows]));
  const page = await opened('/programme');
  const few = '1–4';
  const expected = tables.exposure.map(([compound, route, patients, sessions, micrograms, personUs]) => (patients < 5
    ? [compound, route, few, 'not told', 'not told', 'not told']
    : [compound, route, grouped(patients), grouped(sessions), `${grouped(micrograms / 1e6)} g`, grouped(personUs / yearUs)]));
  assert.deepEqual(await cellsOf(page.locator('.scroll[aria-label=Exposure]')), expected);

  const years = new Map();
  for (const row of tables.exposure) years.set(row[0], (years.get(row[0]) ?? 0) + row[5] / yearUs);
  const rates = await cellsOf(page.locator('.scroll[aria-label=Rates]'));
  for (const [compound, level, cases, personYears, rate] of rates) {
    const of = tables.findings.filter((row) => row[0] === compound && row[2] === level);
    const sum = of.reduce((all, row) => all + row[4], 0);
    assert.equal(personYears, grouped(years.get(compound)), compound);
    if (cases === few) continue;
    assert.equal(told(cases), sum, `${compound} ${level}`);
    assert.equal(rate.split(' ')[0], short((100 * sum) / years.get(compound)), `${compound} ${level}`);
  }

  const held = lastRevisions().filter((one) => isLive(one.state));
  for (const [by, groupOf] of [['level', (one) => one.level], ['detector', (one) => one.detector], ['site', (one) => one.site ?? ''], ['compound', (one) => one.compound ?? '']]) {
    await page.goto(`${world.service.url}/programme${by === 'level' ? '' : `?by=${by}`}`);
    await page.getByRole('region', { name: 'Cases by month', exact: true }).waitFor();
    await compareMonths(page.getByRole('region', { name: 'Cases by month', exact: true }), held.map((one) => ({ month: one.onset.slice(0, 7), group: groupOf(one) || 'not known', patient: one.subject.patient, count: 1 })), by);
  }
  await page.context().close();
});

test('sessions_and_enrolment_of_the_programme_equal_the_records_of_its_patients', async () => {
  const sessions = [];
  const enrolments = [];
  for (const patient of world.programme.patients()) {
    const active = cli('patient', patient).facts.filter((fact) => fact.state === 'active');
    const monthOf = (fact) => new Date(fact.effective).toISOString().slice(0, 7);
    for (const fact of active.filter((one) => one.kind === 'session')) sessions.push({ month: monthOf(fact), group: fact.compound, patient, count: 1 });
    const first = active.filter((fact) => fact.kind === 'enrolment').sort((a, b) => Date.parse(a.effective) - Date.parse(b.effective))[0];
    if (first) enrolments.push({ month: monthOf(first), group: first.site, patient, count: 1 });
  }
  const page = await opened('/programme');
  await compareMonths(page.locator('.scroll[aria-label="Sessions by month"]'), sessions, 'sessions', 'few');
  await compareMonths(page.locator('.scroll[aria-label="Enrolment by month"]'), enrolments, 'enrolment');
  await page.context().close();
});

/** Every cell of a grid of months against what is counted from `all`; a group of 1 to 4 patients in a month is not told. */
async function compareMonths(region, all, what, hidden = '1–4') {
  const cells = new Map();
  for (const one of all) {
    const key = `${one.group} ${one.month}`;
    const cell = cells.get(key) ?? { patients: new Set(), count: 0 };
    cells.set(key, cell);
    cell.patients.add(one.patient);
    cell.count += one.count;
  }
  const first = all.map((one) => one.month).sort()[0];
  const rows = await region.locator('tbody tr').evaluateAll((all) => all.map((row) => [row.querySelector('th span').title.split(' ')[0], ...[...row.querySelectorAll('td')].map((cell) => cell.innerText.trim())]));
  assert.ok(rows.length > 0);
  let compared = 0;
  for (const [group, ...shown] of rows) {
    for (const [index, text] of shown.entries()) {
      const [year, month] = first.split('-').map(Number);
      const at = new Date(Date.UTC(year, month - 1 + index, 1)).toISOString().slice(0, 7);
      const cell = cells.get([...cells.keys()].find((key) => key.split(' ')[0] === group && key.endsWith(at)) ?? '');
      const expected = !cell ? '·' : cell.patients.size < 5 ? hidden : grouped(cell.count);
      assert.equal(text, expected, `${what} ${group} in ${at}`);
      compared += 1;
    }
  }
  assert.ok(compared >= rows.length);
}

test('numbers_of_the_feeds_equal_those_of_the_command_line', async () => {
  const { quarantine } = cli('quarantine', 'list');
  const page = await opened('/feeds');
  const rows = await page.locator('.scroll[aria-label=Sources]').locator('tbody tr').evaluateAll((all) => all.map((row) => ({
    source: row.querySelector('th').firstChild.textContent, entries: row.querySelector('td.num').innerText, reasons: [...row.querySelectorAll('li')].map((one) => one.innerText),
  })));
  const entries = new Map();
  const seen = new Set();  // what was sent twice alike is in the log once
  const lines = world.programme.lines();
  for (const line of lines) {
    const { recorded, ...fact } = line;
    const text = JSON.stringify(fact);
    if (!seen.has(text)) entries.set(line.source, (entries.get(line.source) ?? 0) + 1);
    seen.add(text);
  }
  // Of a line that is no JSON it is only known that it came from a file.
  const unread = world.programme.text.trimEnd().split('\n').length - lines.length;
  if (unread > 0) entries.set('file', unread);
  assert.deepEqual(rows.map((row) => row.source).sort(), [...entries.keys()].sort());
  for (const row of rows) {
    const of = quarantine.filter((one) => one.source === row.source);
    assert.equal(told(row.entries), entries.get(row.source), row.source);
    for (const reason of new Set(of.map((one) => one.reason))) {
      const these = of.filter((one) => one.reason === reason);
      const waiting = these.filter((one) => !one.discarded && !one.answered).length;
      const text = row.reasons.find((one) => one.startsWith(reason));
      assert.ok(text, `${row.source} ${reason}`);
      assert.ok(text.includes(waiting > 0 ? `${waiting} waiting` : 'none waiting'), `${row.source}: ${text}`);
      if (these.length > waiting) assert.ok(text.includes(`of ${these.length}`), `${row.source}: ${text}`);
    }
  }
  assert.ok((await page.locator('#quarantine').innerText()).includes(`${quarantine.length} entr${quarantine.length === 1 ? 'y' : 'ies'}`));
  await page.context().close();
});
