// The morning of a reviewer: what is new, why, for whom, and what was known a week ago, without a mouse.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asked, crisis, daysAgo, openPage } from './support.mjs';
import { world } from './world.mjs';

const title = (page) => page.locator('h1').innerText();

test('the_morning_walk_needs_no_mouse', async () => {
  const { service, browser } = world;
  const patient = (await service.ask('cases?limit=1&sort=raised')).cases[0].patient;
  await service.post(crisis(patient, 'walk-crisis'));
  const page = await openPage(browser, service.url, { looked: daysAgo(2).toISOString() });
  await page.getByText('Since you last looked').waitFor();
  assert.match(await page.title(), /^Today · Ketavigil/);
  await page.locator('.card-critical').first().waitFor();

  await page.keyboard.press('j');
  assert.match(await page.evaluate(() => document.activeElement.textContent), /critical\s*Hypertensive crisis/, 'the first item of the list is the newest critical case');
  await page.keyboard.press('Enter');
  await page.locator('.reason-sentence').waitFor();
  assert.match(page.url(), /\/cases\/[0-9a-f]{16}$/);
  assert.match(await page.locator('.reason-sentence').innerText(), /The pressure reached 231\/133 mmHg.*with severe headache: a hypertensive crisis\./);
  assert.match(await page.title(), /Hypertensive crisis/);
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'H1', 'a new page is read from its heading on');
  await page.locator('.plot canvas').first().waitFor();

  await page.keyboard.press('p');
  await page.locator('.lanes').waitFor();
  assert.equal(await title(page), patient);
  assert.equal(await page.locator('.finding', { hasText: 'Hypertensive crisis' }).count(), 1);

  await page.locator('.as-known').waitFor();
  await page.keyboard.press('w');
  await page.waitForURL(/as-of=/);
  await page.locator('.as-known-then').waitFor();
  await page.getByText('Findings that held then').waitFor();
  await page.waitForFunction(() => !document.querySelector('.known-old'));
  assert.equal(await page.locator('.finding', { hasText: 'Hypertensive crisis' }).count(), 0, 'a week earlier the crisis was not known');
  const then = new URL(page.url()).searchParams.get('as-of');
  const known = asked('patient', patient, '--data', world.programme.data, '--as-of', then);
  assert.match(await page.locator('.facts-line-box').innerText(), new RegExp(`Facts\\s+${known.facts.length.toLocaleString('en-GB')},`), 'the page shows the facts that the command line shows');

  await page.keyboard.press('n');
  await page.waitForURL((url) => !url.search.includes('as-of'));
  await page.keyboard.press('u');
  await page.locator('.reason-sentence').waitFor();
  await page.keyboard.press('u');
  await page.locator('.counts').waitFor();
  assert.equal(new URL(page.url()).pathname, '/');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('keys_go_everywhere_and_are_listed', async () => {
  const page = await openPage(world.browser, world.service.url);
  await page.locator('.counts').waitFor();
  for (const [key, path] of [['c', '/cases'], ['p', '/programme'], ['f', '/feeds'], ['t', '/']]) {
    await page.keyboard.press('g');
    await page.keyboard.press(key);
    await page.waitForURL((url) => url.pathname === path);
  }
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
  await page.keyboard.press('/');
  await page.waitForURL(/\/cases$/);
  await page.locator('.row[data-item]').first().waitFor();
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.name), 'search');
  await page.keyboard.press('Escape');
  for (let n = 0; n < 40; n++) await page.keyboard.press('j');
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-item]')?.dataset.index), '39', 'j moves a row at a time, also beyond what is visible');
  await page.keyboard.press('k');
  assert.equal(await page.evaluate(() => document.activeElement.closest('[data-item]')?.dataset.index), '38');
  await page.context().close();
});

test('the_skip_link_is_the_first_stop_and_leads_to_the_content', async () => {
  const page = await openPage(world.browser, world.service.url);
  await page.locator('.counts').waitFor();
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to the content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await page.context().close();
});

test('what_was_seen_is_not_new_again', async () => {
  const page = await openPage(world.browser, world.service.url, { looked: daysAgo(30).toISOString() });
  await page.locator('.counts').waitFor();
  assert.ok((await page.locator('.column .card').count()) > 0, 'a month has news');
  await page.keyboard.press('m');
  await page.getByText('Nothing is new, worse, better or withdrawn since then').waitFor();
  await page.reload();
  await page.getByText('Nothing is new, worse, better or withdrawn since then').waitFor();
  const kept = await page.evaluate(() => Object.entries(localStorage));
  for (const [name, value] of kept) assert.match(value, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/, `${name} holds only a time`);
  await page.context().close();
});

test('a_first_visit_is_guided_in_five_steps_and_never_again', async () => {
  const page = await openPage(world.browser, world.service.url, { guided: false });
  const guide = page.getByRole('complementary', { name: 'A short guide' });
  for (let step = 1; step <= 5; step++) {
    await guide.getByText(`Step ${step} of 5`).waitFor();
    if (step < 5) await guide.getByRole('button', { name: 'Next' }).click();
  }
  await guide.getByRole('button', { name: 'Done' }).click();
  await page.reload();
  await page.locator('.counts').waitFor();
  assert.equal(await guide.count(), 0);
  await page.context().close();
});
