// Holds pages to axe-core in headless Chromium: light, dark, 390 pixels wide and as printed. Prints each violation.
//
//   npm install --prefix DIR axe-core@4.14.1
//   node tools/axe.mjs --axe DIR/node_modules/axe-core/axe.min.js [--shots FOLDER] PAGE.html…
//
// Talks to Chromium over a pipe, so that it needs no other package. CHROMIUM names the program. Exit 1: a violation;
// exit 2: a page was not examined. Folds are opened first, so that what is inside is examined as well.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const VIEWS = [
  { name: 'light', width: 1280, scheme: 'light' },
  { name: 'dark', width: 1280, scheme: 'dark' },
  { name: 'narrow', width: 390, scheme: 'light' },
  { name: 'print', width: 794, scheme: 'light', media: 'print' },
];

// Elements that reach beyond the window, where the page has to be scrolled sideways.
const WIDER = `(() => {
  const edge = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= edge) return [];
  const beyond = [...document.body.querySelectorAll('*')].filter((it) => !it.closest('.wide > *') && it.getBoundingClientRect().right > edge);
  return beyond.map((it) => it.localName + (it.className.baseVal ?? it.className ? '.' + (it.className.baseVal ?? it.className) : ''));
})()`;

function parse(argv) {
  const asked = { axe: '', shots: '', pages: [] };
  for (let at = 0; at < argv.length; at += 1) {
    if (argv[at] === '--axe') asked.axe = argv[(at += 1)];
    else if (argv[at] === '--shots') asked.shots = argv[(at += 1)];
    else asked.pages.push(argv[at]);
  }
  if (!asked.axe || asked.pages.length === 0) {
    console.error('usage: node tools/axe.mjs --axe AXE.min.js [--shots FOLDER] PAGE.html…');
    process.exit(2);
  }
  return asked;
}

/** A browser and its protocol: `call(method, params, session)` resolves to the result. */
function launch(profile) {
  // As on a phone, no bar takes a part of the page.
  const flags = ['--headless', '--disable-gpu', '--hide-scrollbars', '--no-first-run', '--remote-debugging-pipe', `--user-data-dir=${profile}`];
  // A container's root has no sandbox to use; the pages are local files without scripts.
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  const child = spawn(process.env.CHROMIUM ?? 'chromium', flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
  const waiting = new Map();
  let [next, text] = [1, ''];
  const fail = (reason) => {
    for (const { reject } of waiting.values()) reject(new Error(reason));
    waiting.clear();
  };
  child.on('error', (error) => fail(`chromium did not start: ${error.message}`));
  child.on('exit', () => fail('chromium ended'));
  child.stdio[4].setEncoding('utf8').on('data', (piece) => {
    text += piece;
    const messages = text.split('\0');
    text = messages.pop();
    for (const message of messages.map((each) => JSON.parse(each))) {
      const one = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) one?.reject(new Error(message.error.message));
      else one?.resolve(message.result);
    }
  });
  const call = (method, params = {}, sessionId = undefined) =>
    new Promise((done, reject) => {
      const id = next;
      next += 1;
      waiting.set(id, { resolve: done, reject });
      child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  return { call, child };
}

async function evaluate(call, session, expression) {
  const asked = { expression, awaitPromise: true, returnByValue: true };
  const { result, exceptionDetails } = await call('Runtime.evaluate', asked, session);
  if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
  return result.value;
}

async function examine(call, page, axe, shots) {
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const { errorText } = await call('Page.navigate', { url: pathToFileURL(resolve(page)).href }, sessionId);
  if (errorText) throw new Error(`${page}: ${errorText}`);
  while (!(await evaluate(call, sessionId, 'document.URL !== "about:blank" && document.readyState === "complete"'))) {
    await new Promise((done) => setTimeout(done, 20));
  }
  const found = [];
  for (const view of VIEWS) {
    const features = [{ name: 'prefers-color-scheme', value: view.scheme }];
    const size = { width: view.width, height: 1000, deviceScaleFactor: 1, mobile: false };
    await call('Emulation.setDeviceMetricsOverride', size, sessionId);
    await call('Emulation.setEmulatedMedia', { media: view.media ?? '', features }, sessionId);
    await evaluate(call, sessionId, 'for (const fold of document.querySelectorAll("details")) fold.open = true');
    // A picture taken before the next frame would end where the folds were shut.
    await evaluate(call, sessionId, 'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
    if (shots) {
      const { data } = await call('Page.captureScreenshot', { captureBeyondViewport: true, format: 'png' }, sessionId);
      writeFileSync(join(shots, `${basename(dirname(resolve(page)))}-${basename(page, '.html')}-${view.name}.png`), data, 'base64');
    }
    // What is wider than the window is cut off on a phone: only a region that scrolls by itself may be.
    const wide = view.media ? [] : await evaluate(call, sessionId, WIDER);
    if (wide.length > 0) found.push({ view: view.name, id: 'cut-off', help: 'wider than the window', nodes: wide });
    await evaluate(call, sessionId, axe);
    const { violations } = JSON.parse(await evaluate(call, sessionId, 'axe.run({ resultTypes: ["violations"] }).then((all) => JSON.stringify({ violations: all.violations }))'));
    for (const { id, help, nodes } of violations) {
      found.push({ view: view.name, id, help, nodes: nodes.map((node) => node.target.join(' ')) });
    }
  }
  await call('Target.closeTarget', { targetId });
  return found;
}

const { axe, shots, pages } = parse(process.argv.slice(2));
const profile = mkdtempSync(join(tmpdir(), 'axe-'));
const { call, child } = launch(profile);
let exit = 0;
try {
  for (const page of pages) {
    const found = await examine(call, page, readFileSync(axe, 'utf8'), shots);
    console.log(`${page}: ${found.length} violations in ${VIEWS.length} views`);
    for (const { view, id, help, nodes } of found) {
      console.log(`  ${view}: ${id}: ${help}${nodes.length > 0 ? `\n    ${nodes.slice(0, 5).join('\n    ')}` : ''}`);
      exit = 1;
    }
  }
} catch (error) {
  console.error(`error: ${error.message}`);
  exit = 2;
} finally {
  const ended = new Promise((done) => child.once('exit', done));
  child.kill();
  if (child.exitCode === null) await ended;
  rmSync(profile, { recursive: true, force: true });
}
process.exitCode = exit;
