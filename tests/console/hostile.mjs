// Texts that would be more than texts, and records that are far larger than usual: shown right, and harmless.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crisis, daysAgo, openPage } from './support.mjs';
import { world } from './world.mjs';

const markup = '<img src=x onerror="window.harmed=1"><script>window.harmed=1</script>';
const longId = `"><svg onload=window.harmed=1>/..%2f?#${'é'.repeat(40)}`.padEnd(88, 'x');  // 128 bytes in UTF-8

test('markup_in_any_text_is_text', async () => {
  const { service, browser } = world;
  assert.equal(Buffer.byteLength(longId), 128);
  const time = new Date().toISOString();
  const source = '<script>window.harmed=1</script>';
  await service.post(
    { ...crisis(longId, markup), source },
    { source, id: 'ae-1', patient: longId, kind: 'adverse_event', name: markup, effective: time, recorded: time, seriousness: ['death'], site: markup, text: markup },
    { source, id: 'bad-1', patient: longId, kind: 'score', instrument: markup, value: 3, effective: time, recorded: time },
  );
  const { cases } = await service.ask(`cases?limit=10&patient=${encodeURIComponent(longId)}`);
  assert.ok(cases.length >= 2);
  const { quarantine } = await service.ask(`quarantine?limit=1&source=${encodeURIComponent(source)}`);
  const addresses = ['/', `/cases?patient=${encodeURIComponent(longId)}`, ...cases.map((one) => `/cases/${one.case}`), `/patients/${encodeURIComponent(longId)}`, '/feeds', `/quarantine/${quarantine[0].id}`, '/programme'];
  for (const path of addresses) {
    const page = await openPage(browser, service.url + path, { looked: daysAgo(1).toISOString() });
    await page.waitForFunction(() => document.querySelector('h1') && !document.querySelector('.loading'));
    await page.waitForTimeout(200);
    assert.equal(await page.evaluate(() => window.harmed), undefined, path);
    assert.equal(await page.locator('main img, main script').count(), 0, path);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth), false, `${path} is not wider than the window`);
    assert.deepEqual(page.complaints, [], path);
    if (path.startsWith('/patients')) assert.equal(await page.locator('h1').innerText(), longId);
    if (path === '/feeds') await page.getByRole('rowheader', { name: source }).waitFor();
    await page.context().close();
  }
});

test('a_link_to_a_patient_of_any_name_leads_there', async () => {
  const { service, browser } = world;
  await service.post(crisis(longId, 'link-1'));
  const page = await openPage(browser, `${service.url}/cases?search=svg+onload`);
  await page.locator('.row[data-item] .cell-patient a').first().click();
  await page.locator('.lanes').waitFor();
  assert.equal(await page.locator('h1').innerText(), longId);
  await page.reload();
  await page.locator('.lanes').waitFor();
  await page.context().close();
});

test('a_patient_of_five_thousand_facts_is_shown_whole', async () => {
  const { service, browser } = world;
  const facts = Array.from({ length: 5000 }, (_, n) => {
    const time = new Date(daysAgo(360).getTime() + n * 6_000_000).toISOString();
    return n % 2 === 0
      ? { source: 'monitor-01', id: `v-${n}`, patient: 'p-large', kind: 'vital', name: 'heart-rate', value: 60 + (n % 30), unit: '/min', effective: time, recorded: time }
      : { source: 'monitor-01', id: `b-${n}`, patient: 'p-large', kind: 'blood_pressure', systolic: 120 + (n % 20), diastolic: 75, effective: time, recorded: time };
  });
  for (let from = 0; from < facts.length; from += 1000) await service.post(...facts.slice(from, from + 1000));
  const page = await openPage(browser, `${service.url}/patients/p-large`);
  await page.locator('section[aria-label=Facts]').getByText('5,000 of 5,000').waitFor();
  const size = await page.evaluate(() => document.querySelectorAll('main *').length);
  assert.ok(size < 2500, `${size} elements`);
  await page.locator('section[aria-label=Facts]').getByRole('searchbox').fill('v-4998');
  await page.locator('.facts-table .row[data-item]', { hasText: 'heart rate 78 per minute' }).waitFor();
  await page.context().close();
});

test('a_case_of_two_hundred_revisions_tells_each', async () => {
  const { service, browser } = world;
  const start = daysAgo(260).getTime();
  const at = (day) => new Date(start + day * 86_400_000).toISOString();
  const session = { source: 'clinic-04', id: 's-1', patient: 'p-long', kind: 'session', compound: 'ketamine', route: 'IV', dose_mg: 40, effective: at(0), recorded: at(0), site: 'site-04' };
  const symptoms = Array.from({ length: 225 }, (_, n) => ({ source: 'clinic-04', id: `sy-${n}`, patient: 'p-long', kind: 'symptom', code: 'urgency', severity: 2, effective: at(n + 1), recorded: at(n + 1), site: 'site-04' }));
  await service.post(session, ...symptoms);
  const [found] = (await service.ask('cases?patient=p-long&detector=URO-3&limit=1')).cases;
  assert.ok(found.revision >= 200, `${found.revision} revisions`);
  const page = await openPage(browser, `${service.url}/cases/${found.case}`);
  await page.getByRole('button', { name: `All ${found.revision} revisions` }).click();
  assert.equal(await page.locator('.history > li').count(), found.revision);
  assert.equal(await page.locator('.history-number').last().innerText(), '1');
  await page.context().close();
});

test('what_is_not_there_is_said_so', async () => {
  const { service, browser } = world;
  for (const [path, text] of [['/cases/ffffffffffffffff', 'There is nothing of that name'], ['/patients/p-nobody', 'There is nothing of that name'], ['/quarantine/ffff', 'There is nothing of that name'], ['/cases?level=none', 'That could not be read']]) {
    const page = await openPage(browser, service.url + path);
    await page.getByText(text).waitFor();
    await page.context().close();
  }
});
