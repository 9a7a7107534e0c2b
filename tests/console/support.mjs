// What the tests of the console stand on: a programme that is simulated and moved to end today, the real service over it, and a
// browser. Nothing here is shared between runs: folders are temporary, ports are free ones.

import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const fromConsole = createRequire(join(root, 'dashboards/console/package.json'));
const { chromium } = fromConsole('playwright-core');
export const axeSource = fromConsole('axe-core').source;

const binary = process.env.KETAVIGIL_BINARY ?? join(root, 'build/release/ketavigil');
const browserPath = process.env.KETAVIGIL_BROWSER ?? '/usr/bin/chromium';
const startSecondsMax = 60;
const dayMs = 86_400_000;

export function ketavigil(...args) {
  return execFileSync(binary, args, { encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'pipe'] });
}
export function asked(...args) {
  return JSON.parse(ketavigil(...args, '--json'));
}

/** Moves every time of the events by whole weeks, so that the programme ends in the last week; what would not have come yet is left out. */
export function movedToNow(text, now) {
  const instant = /"(effective|recorded|end|resolved)":"(\d{4}-\d{2}-\d{2})/g;
  let last = 0;
  for (const match of text.matchAll(/"effective":"(\d{4}-\d{2}-\d{2}T[^"]*)"/g)) {
    const ms = Date.parse(match[1]);
    if (ms > last && ms < Date.parse('2024-02-01')) last = ms;
  }
  const shift = Math.floor((now - last) / (7 * dayMs)) * 7 * dayMs;
  const moved = text.replace(instant, (_, field, day) => `"${field}":"${new Date(Date.parse(day) + shift).toISOString().slice(0, 10)}`);
  const later = (line) => [...line.matchAll(/"(?:effective|recorded)":"([^"]*)"/g)].some((match) => Date.parse(match[1]) > now - 3_600_000);
  return moved.split('\n').filter((line) => !later(line)).join('\n');
}

export class Programme {
  constructor({ patients, months, seed }) {
    this.folder = mkdtempSync(join(tmpdir(), 'ketavigil-console-'));
    this.data = join(this.folder, 'programme');
    ketavigil('simulate', '--patients', String(patients), '--months', String(months), '--seed', String(seed), '--out', join(this.folder, 'made'));
    const events = join(this.folder, 'events.ndjson');
    this.text = movedToNow(readFileSync(join(this.folder, 'made/events.ndjson'), 'utf8'), Date.now());
    writeFileSync(events, this.text);
    ketavigil('load', events, '--data', this.data, '--as-recorded');
  }
  /** What was loaded, but for the lines that are no JSON. */
  lines() {
    return this.text.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line)];
      } catch {
        return [];
      }
    });
  }
  patients() {
    return [...new Set(this.lines().flatMap((line) => (line.patient === undefined ? [] : [line.patient])))];
  }
  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** `ketavigil serve` over a programme; after stop() it can be started again at the same addresses. */
export class Service {
  constructor(programme) {
    this.programme = programme;
    this.intakePort = 0;
    this.operationsPort = 0;
    this.operations = '';  // further settings of the operations listener, and of the service
    this.extra = '';
  }
  get intake() {
    return `http://127.0.0.1:${this.intakePort}`;
  }
  get url() {
    return `http://127.0.0.1:${this.operationsPort}`;
  }
  async start() {
    const file = join(this.programme.folder, 'ketavigil.yaml');
    writeFileSync(file, `storage:\n  path: ${this.programme.data}\n  free_space_guard_bytes: 1000000\nintake:\n  address: 127.0.0.1\n  port: ${this.intakePort}\noperations:\n  address: 127.0.0.1\n  port: ${this.operationsPort}\n${this.operations}${this.extra}`);
    this.process = spawn(binary, ['serve', '--config', file], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.log = '';
    this.process.stderr.on('data', (bytes) => { this.log += bytes; });
    const line = await new Promise((resolve, reject) => {
      let text = '';
      const timer = setTimeout(() => reject(new Error(`the service was not ready in ${startSecondsMax} s\n${this.log}`)), startSecondsMax * 1000);
      this.process.stdout.on('data', (bytes) => {
        text += bytes;
        if (!text.includes('\n')) return;
        clearTimeout(timer);
        resolve(text);
      });
      this.process.once('exit', () => {
        clearTimeout(timer);
        reject(new Error(`the service ended\n${this.log}`));
      });
    });
    const ports = [...line.matchAll(/:(\d+)/g)].map((match) => Number(match[1]));
    [this.intakePort, this.operationsPort] = ports;
  }
  async stop() {
    if (!this.process || this.process.exitCode !== null) return;
    this.process.kill('SIGTERM');
    await this.ended;
  }
  /** Hands facts in, as a clinic does. */
  async post(...facts) {
    const response = await fetch(`${this.intake}/api/v1/events`, { method: 'POST', headers: { 'Content-Type': 'application/x-ndjson' }, body: facts.map((fact) => JSON.stringify(fact)).join('\n') });
    if (!response.ok) throw new Error(`the intake answered ${response.status}: ${await response.text()}`);
    return (await response.text()).trim().split('\n').map((line) => JSON.parse(line));
  }
  async ask(path) {
    const response = await fetch(`${this.url}/api/v1/${path}`);
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return response.json();
  }
}

/** A pressure that is a crisis by itself. */
export function crisis(patient, id, time = new Date()) {
  return { source: 'clinic-01', id, patient, kind: 'blood_pressure', effective: time.toISOString(), recorded: time.toISOString(), site: 'site-01', systolic: 231, diastolic: 133, symptoms: ['severe-headache'] };
}

export async function openBrowser() {
  return chromium.launch({ executablePath: browserPath, args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
}

/** A page of a visitor who has been guided already; whatever the page complains of fails the test that looks. */
export async function openPage(browser, url, { dark = false, width = 1440, height = 900, guided = true, looked = null } = {}) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', reducedMotion: 'reduce' });
  await context.addInitScript(({ guided, looked }) => {
    if (guided) localStorage.setItem('ketavigil.guided', '2020-01-01T00:00:00Z');
    if (looked && !localStorage.getItem('ketavigil.looked')) localStorage.setItem('ketavigil.looked', looked);
  }, { guided, looked });
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) page.complaints.push(message.text());
  });
  page.setDefaultTimeout(30_000);
  await page.goto(url);
  return page;
}

/** What axe calls serious or critical, a line each. */
export async function seriousIn(page) {
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return violations.filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .flatMap((one) => one.nodes.slice(0, 3).map((node) => `${one.id}: ${node.html.slice(0, 160)} ${node.any[0]?.message ?? ''}`));
}

export function daysAgo(days) {
  return new Date(Date.now() - days * dayMs);
}
