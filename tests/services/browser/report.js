// Clicks through the page of a report as a person would, by mouse and by keyboard: node report.js FILE
// Prints one JSON object of what was seen. Chromium is Debian's, or the one that ORCHESTRATION_TEST_CHROMIUM names.
'use strict';

const fs = require('fs');
const path = require('path');
const { pathToFileURL } = require('url');
const { chromium } = require('playwright-core');
const { HtmlValidate } = require('html-validate');

async function main(file) {
  const browser = await chromium.launch({
    executablePath: process.env.ORCHESTRATION_TEST_CHROMIUM || '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const seen = { problems: [], requests: [] };
  try {
    const page = await browser.newPage({ viewport: { width: 1200, height: 900 } });
    page.on('console', (message) => { if (message.type() === 'error' || message.type() === 'warning') seen.problems.push(message.text()); });
    page.on('pageerror', (error) => seen.problems.push(String(error)));
    page.on('request', (request) => { if (!request.url().startsWith('file:')) seen.requests.push(request.url()); });
    const url = pathToFileURL(path.resolve(file)).href;
    await page.goto(url);

    const count = () => page.locator('#action-count').textContent();
    const rows = () => page.locator('#action-list .row').count();
    seen.title = await page.title();
    seen.status = await page.locator('h1 .status').textContent();
    seen.error = (await page.locator('.error').count()) ? await page.locator('.error').textContent() : null;
    seen.all = await count();
    seen.rows = await rows();
    seen.boxes = await page.locator('#graph rect').count();

    // By mouse: what failed, one step, a search, an order, a zoom.
    await page.selectOption('#action-kind', 'failed');
    seen.failed = await count();
    seen.failedRows = await page.locator('#action-list .row.failed').count();
    await page.selectOption('#action-kind', 'retried');
    seen.retried = await count();
    await page.selectOption('#action-kind', 'recovered');
    seen.recovered = await count();
    seen.recoveryBars = await page.locator('#action-list .bar.recovery').count();
    await page.selectOption('#action-kind', '');
    await page.selectOption('#action-step', 'work');
    seen.step = await count();
    await page.fill('#action-text', 'work[3]');
    seen.searched = await page.locator('#action-list .row .name').first().textContent();
    await page.fill('#action-text', '');
    await page.selectOption('#action-step', '');
    await page.selectOption('#action-sort', 'time');
    seen.longest = await page.locator('#action-list .row .name').first().textContent();
    await page.selectOption('#action-sort', 'order');
    seen.axis = await page.locator('#action-axis span').last().textContent();
    await page.click('#zoom-in');
    seen.axisZoomed = await page.locator('#action-axis span').last().textContent();
    await page.click('#zoom-all');
    seen.axisAll = await page.locator('#action-axis span').last().textContent();
    await page.locator('#action-list .row').nth(1).click();
    seen.details = await page.locator('#details').innerText();
    await page.click('#details-close');
    seen.closed = !(await page.locator('#details').isVisible());

    // By keyboard: to the end of the list, open, close.
    await page.locator('#action-list').focus();
    await page.keyboard.press('End');
    seen.lastSelected = await page.locator('#action-list [aria-selected="true"] .name').textContent();
    await page.keyboard.press('Enter');
    seen.lastDetails = await page.locator('#details-title').textContent();
    await page.keyboard.press('Escape');
    seen.closedByKey = !(await page.locator('#details').isVisible());

    await page.selectOption('#object-sort', 'size');
    seen.objects = await page.locator('#object-count').textContent();
    if (await page.locator('#object-list .row').count()) {
      seen.largest = await page.locator('#object-list .row .name').first().textContent();
      await page.locator('#object-list .row').first().click();
      seen.objectDetails = await page.locator('#details').innerText();
      await page.click('#details-close');
    }
    seen.costs = await page.locator('#costs').innerText();

    // How long the longest filter takes is for people to see; it is no assertion.
    seen.filterMs = Math.round(await page.evaluate(() => {
      const start = performance.now();
      const box = document.getElementById('action-text');
      box.value = 'nothing like it';
      box.dispatchEvent(new Event('input', { bubbles: true }));
      box.value = '';
      box.dispatchEvent(new Event('input', { bubbles: true }));
      return performance.now() - start;
    }));

    // On a phone nothing is wider than the screen.
    await page.setViewportSize({ width: 360, height: 740 });
    seen.overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    await page.setViewportSize({ width: 1200, height: 900 });
    const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    await page.emulateMedia({ colorScheme: 'light' });
    seen.light = await background();
    await page.emulateMedia({ colorScheme: 'dark' });
    seen.dark = await background();
  } finally {
    await browser.close();
  }
  const checked = await new HtmlValidate({ extends: ['html-validate:standard'], rules: { 'no-inline-style': 'off', 'long-title': 'off' } }).validateString(fs.readFileSync(file, 'utf8'));
  seen.html = checked.results.flatMap((result) => result.messages.map((m) => `${m.line}:${m.column} ${m.ruleId}: ${m.message}`)).slice(0, 20);
  console.log(JSON.stringify(seen));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
