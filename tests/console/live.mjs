// What happens by itself: a case that comes, a service that goes and comes back, a session that ends.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { crisis, daysAgo, ketavigil, openPage, Programme, Service } from './support.mjs';
import { world } from './world.mjs';

test('a_new_case_appears_without_reload', async () => {
  const { service, browser } = world;
  const today = await openPage(browser, service.url, { looked: daysAgo(1).toISOString() });
  const list = await openPage(browser, `${service.url}/cases?patient=p-live`);
  await today.locator('.counts').waitFor();
  await list.getByText('No case matches').waitFor();
  await today.evaluate(() => { window.stayed = true; });
  await service.post(crisis('p-live', 'live-1'));
  await today.locator('.toast-critical', { hasText: 'Hypertensive crisis' }).waitFor();
  await today.locator('.card-critical', { hasText: 'p-live' }).first().waitFor();
  await list.locator('.row[data-item]', { hasText: 'Hypertensive crisis' }).waitFor();
  assert.equal(await today.evaluate(() => window.stayed), true);
  await today.context().close();
  await list.context().close();
});

test('quarantine_is_fixed_by_retry_and_the_console_survives_the_restart_that_it_takes', async () => {
  const { service, browser } = world;
  const time = new Date().toISOString();
  const [answer] = await service.post({ source: 'clinic-02', id: 'stroop-1', patient: 'p-stroop', kind: 'score', effective: time, recorded: time, site: 'site-02', instrument: 'stroop', value: 41 });
  assert.equal(answer.outcome, 'quarantined');
  const page = await openPage(browser, `${service.url}/feeds?reason=unknown-instrument&source=clinic-02`);
  await page.locator('.quarantine-table').getByText('unknown-instrument').first().click();
  await page.getByText('its instrument is not one that is known').waitFor();
  assert.match(await page.locator('.raw').innerText(), /"instrument":"stroop"/);

  const retry = async () => {
    await page.getByRole('button', { name: 'Retry…' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
  };
  await retry();
  await page.getByText('It still cannot be understood.').waitFor();

  await service.stop();
  const banner = page.getByRole('alert').getByText('The service does not answer.');
  await banner.waitFor();
  service.extra = configured('stroop');
  await service.start();
  await banner.waitFor({ state: 'hidden', timeout: 45_000 });
  await retry();
  await page.getByText('It is understood now, and counts.').waitFor();
  await page.getByText('taken out of quarantine').waitFor();
  await page.getByRole('link', { name: 'Its patient' }).waitFor();
  const { facts } = await service.ask('patients/p-stroop');
  assert.equal(facts[0].value, 41);

  // The stream is there again too.
  await service.post(crisis('p-after', 'after-1'));
  await page.locator('.toast-critical').waitFor();
  await page.context().close();
});

/** The setting that makes an instrument known, under the key that the example configuration has it. */
function configured(name) {
  const lines = ketavigil('check-config', '--example').split('\n');
  const at = lines.findIndex((line) => /^ +instruments: \{\}/.test(line));
  const parent = lines.slice(0, at).reverse().find((line) => /^[a-z_]+:/.test(line)) ?? '';
  return `${parent.replace(/:.*/, ':')}\n  instruments: {${name}: {least: 0, greatest: 100}}\n`;
}

test('discard_asks_first_and_sets_aside', async () => {
  const { service, browser } = world;
  const time = new Date().toISOString();
  await service.post({ source: 'clinic-03', id: 'odd-1', patient: 'p-odd', kind: 'vital', name: 'weight', value: 9000, unit: 'kg', effective: time, recorded: time });
  const { quarantine } = await service.ask('quarantine?source=clinic-03&state=waiting&limit=1');
  const page = await openPage(browser, `${service.url}/quarantine/${quarantine[0].id}`);
  await page.getByRole('button', { name: 'Discard…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  assert.equal((await service.ask(`quarantine/${quarantine[0].id}`)).entry.discarded, false);
  await page.getByRole('button', { name: 'Discard…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Discard' }).click();
  await page.getByText('It is set aside, and counts no more.').waitFor();
  assert.equal((await service.ask(`quarantine/${quarantine[0].id}`)).entry.discarded, true);
  await page.context().close();
});

test('a_session_that_ends_says_so_and_leads_back', async () => {
  const { service, browser } = world;
  const page = await openPage(browser, `${service.url}/cases?level=alert`);
  await page.locator('.row[data-item] .level').first().waitFor();
  let signedIn = false;
  const tokens = [];
  await page.route('**/api/v1/**', (route) => {
    const request = route.request();
    if (request.url().endsWith('/session') && request.method() === 'POST') {
      tokens.push(JSON.parse(request.postData()).token);
      signedIn = tokens.at(-1) === 'the-right-token';
    }
    if (!signedIn) return route.fulfill({ status: 401, json: { status: 'error', errorType: 'unauthorized', error: 'a token is needed' } });
    if (request.url().endsWith('/session')) return route.fulfill({ json: { name: 'reviewer', csrf: 'c-1', expires: daysAgo(-1).toISOString() } });
    return route.continue();
  });
  await page.locator('select[name=state]').selectOption('open');
  await page.getByText('Your session has ended.').waitFor();
  assert.match(page.url(), /\/sign-in\?why=expired$/, 'no address of a page, and so no pseudonym, is in the address of the sign-in page');
  await page.getByLabel('Token').fill('a-wrong-token');
  await page.keyboard.press('Enter');
  await page.getByText('This token is not known').waitFor();
  await page.getByLabel('Token').fill('the-right-token');
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/cases\?level=alert&state=open$/);
  await page.locator('.total').waitFor();
  assert.deepEqual(tokens, ['a-wrong-token', 'the-right-token']);
  assert.equal(await page.evaluate(() => JSON.stringify([localStorage, sessionStorage]).includes('token')), false, 'the token is not kept');
  await page.context().close();
});

test('a_revoked_token_ends_the_session_at_once_and_another_leads_back', async () => {
  const programme = new Programme({ patients: 3, months: 2, seed: 3 });
  const service = new Service(programme);
  const readers = join(programme.folder, 'readers');
  const token = (name) => /kv_\S+/.exec(ketavigil('token', 'create', name, '--file', readers))[0];
  try {
    const first = token('anna');
    service.operations = `  tokens_file: ${readers}\n`;
    await service.start();
    const page = await openPage(world.browser, `${service.url}/cases`);
    await page.getByLabel('Token').fill(first);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.row[data-item] .level').first().waitFor();
    await page.getByRole('button', { name: 'Sign out' }).waitFor();
    ketavigil('token', 'revoke', 'anna', '--file', readers);
    await page.getByText('Your session has ended.').waitFor();
    await page.getByLabel('Token').fill(first);
    await page.keyboard.press('Enter');
    await page.getByText('This token is not known').waitFor();
    await page.getByLabel('Token').fill(token('berta'));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/cases$/);
    await page.locator('.row[data-item] .level').first().waitFor();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await page.goto(`${service.url}/cases`);
    await page.getByLabel('Token').waitFor();
    assert.equal(await page.locator('.row').count(), 0, 'whoever has signed out sees nothing');
    await page.context().close();
  } finally {
    await service.stop();
    programme.remove();
  }
});

test('every_change_carries_the_token_of_the_session', async () => {
  const { service, browser } = world;
  const { quarantine } = await service.ask('quarantine?limit=1');
  const page = await openPage(browser, `${service.url}/feeds`);
  let header = null;
  await page.route('**/api/v1/session', (route) => route.fulfill({ json: { name: 'reviewer', csrf: 'c-42', expires: daysAgo(-1).toISOString() } }));
  await page.route('**/retry', (route) => {
    header = route.request().headers()['x-csrf-token'];
    return route.fulfill({ json: { id: quarantine[0].id, outcome: 'accepted', reason: '', field: '', expected: '' } });
  });
  await page.goto(`${service.url}/quarantine/${quarantine[0].id}`);
  await page.getByRole('button', { name: 'Retry…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
  await page.getByText('It is understood now, and counts.').waitFor();
  assert.equal(header, 'c-42');
  await page.context().close();
});
