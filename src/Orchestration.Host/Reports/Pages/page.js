'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);
  const byId = (id) => document.getElementById(id);
  const total = Math.max(data.total, 1);
  const row = 26;
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];

  function bytes(value) {
    if (value === null) return '';
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) { value /= 1000; unit++; }
    return `${unit === 0 ? value : value.toPrecision(3)} ${units[unit]}`;
  }

  function duration(ms) {
    if (ms === null) return '';
    if (ms < 999.5) return `${Math.round(ms)} ms`;
    if (ms < 59950) return `${(ms / 1000).toPrecision(3)} s`;
    const seconds = Math.round(ms / 1000);
    if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
    return `${Math.floor(seconds / 3600)} h ${String(Math.floor(seconds / 60) % 60).padStart(2, '0')} min`;
  }

  function element(tag, text, classes) {
    const made = document.createElement(tag);
    if (text !== undefined) made.textContent = text;
    if (classes) made.className = classes;
    return made;
  }

  // Only the rows that are seen are in the page: there may be tens of thousands.
  class List {
    constructor(id, noun, make, open) {
      this.box = byId(`${id}-list`);
      this.count = byId(`${id}-count`);
      this.noun = noun;
      this.make = make;
      this.open = open;
      this.id = id;
      this.items = [];
      this.selected = -1;
      this.space = element('div', undefined, 'space');
      this.space.setAttribute('role', 'presentation');
      this.box.append(this.space);
      this.box.addEventListener('scroll', () => this.draw(), { passive: true });
      new ResizeObserver(() => this.draw()).observe(this.box);
      this.box.addEventListener('keydown', (event) => this.key(event));
      this.space.addEventListener('click', (event) => {
        const hit = event.target.closest('.row');
        if (!hit) return;
        this.select(Number(hit.dataset.place));
        this.open(this.items[this.selected]);
      });
    }

    show(items, all) {
      this.items = items;
      this.selected = -1;
      this.space.style.height = `${items.length * row}px`;
      this.box.scrollTop = 0;
      this.count.textContent = items.length === all ? `${all.toLocaleString('en')} ${this.noun}` : `${items.length.toLocaleString('en')} of ${all.toLocaleString('en')} ${this.noun}`;
      this.draw();
    }

    draw() {
      const first = Math.max(0, Math.floor(this.box.scrollTop / row) - 5);
      const last = Math.min(this.items.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / row) + 5);
      const made = [];
      for (let place = first; place < last; place++) {
        const line = this.make(this.items[place]);
        line.style.top = `${place * row}px`;
        line.dataset.place = place;
        line.id = `${this.id}-${place}`;
        line.setAttribute('role', 'option');
        line.setAttribute('aria-posinset', place + 1);
        line.setAttribute('aria-setsize', this.items.length);
        line.setAttribute('aria-selected', place === this.selected);
        made.push(line);
      }
      this.space.replaceChildren(...made);
    }

    select(place) {
      this.selected = Math.max(0, Math.min(this.items.length - 1, place));
      const top = this.selected * row;
      if (top < this.box.scrollTop) this.box.scrollTop = top;
      if (top + row > this.box.scrollTop + this.box.clientHeight) this.box.scrollTop = top + row - this.box.clientHeight;
      this.box.setAttribute('aria-activedescendant', `${this.id}-${this.selected}`);
      this.draw();
    }

    key(event) {
      const page = Math.max(1, Math.floor(this.box.clientHeight / row) - 1);
      const moves = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
      if (this.items.length === 0) return;
      if (event.key in moves) {
        this.select(this.selected < 0 && moves[event.key] > 0 && moves[event.key] < Infinity ? 0 : this.selected + moves[event.key]);
      } else if ((event.key === 'Enter' || event.key === ' ') && this.selected >= 0) {
        this.open(this.items[this.selected]);
      } else {
        return;
      }
      event.preventDefault();
    }
  }

  const actions = data.actions.map(([step, index, name, success, read, written, error, attempts, body, result, id], order) => ({
    order, index, name, success, read, written, error, body, result, id,
    step: data.steps[step],
    label: data.single[step] ? data.steps[step] : `${data.steps[step]}[${index}]`,
    attempts: attempts.map(([start, end, queued, grant, outcome, cause, problem, activation]) => ({ start, end, queued, grant, outcome: outcome === null ? null : data.outcomes[outcome], cause, problem, activation })),
  }));
  for (const action of actions) {
    action.time = action.attempts.reduce((sum, a) => sum + (a.end === null ? 0 : a.end - a.start), 0);
    action.wait = action.attempts.reduce((sum, a) => sum + a.queued, 0);
    action.search = `${action.label} ${action.name} ${action.id} ${action.error || ''} ${action.attempts.map((a) => a.problem || '').join(' ')}`.toLowerCase();
  }
  const objects = data.objects.map(([name, put, get, putSize, getSize, writers, readers], order) => ({ order, name, put, get, size: putSize ?? getSize ?? 0, putSize, getSize, writers, readers }));

  let from = 0;
  let to = total;

  function bar(start, end, classes, title) {
    const made = element('span', undefined, `bar ${classes}`);
    const scale = 100 / (to - from);
    made.style.left = `${(start - from) * scale}%`;
    made.style.width = `${Math.max(0, end - start) * scale}%`;
    made.title = title;
    return made;
  }

  function actionRow(action) {
    const line = element('div', undefined, action.success === false ? 'row failed' : 'row');
    const name = element('span', action.label, 'name');
    if (action.name !== action.step) name.append(' ', element('small', action.name));
    name.title = `${action.label} ${action.name}`;
    const track = element('span', undefined, 'track');
    action.attempts.forEach((attempt, place) => {
      if (attempt.queued > 0) {
        const asked = attempt.start - attempt.queued;
        track.append(bar(asked, attempt.start - attempt.grant, 'slot', `waiting for a slot: ${duration(attempt.queued - attempt.grant)}`));
        if (attempt.grant > 0) track.append(bar(attempt.start - attempt.grant, attempt.start, 'grant', `waiting for a write grant: ${duration(attempt.grant)}`));
      }
      const end = attempt.end ?? total;
      const kind = attempt.outcome !== null && attempt.outcome !== 'success' ? 'bad' : attempt.cause ? 'recovery' : place > 0 ? 'retry' : 'run';
      track.append(bar(attempt.start, end, kind, `attempt ${place + 1}: ${attempt.outcome ?? 'running'}, ${duration(end - attempt.start)}`));
    });
    line.append(name, element('span', action.attempts.length > 1 ? `${action.attempts.length} ×` : '', 'number'), element('span', duration(action.time), 'number'), track);
    line.setAttribute('aria-label', `${action.label}, ${action.attempts.length} attempts, ${duration(action.time)}, ${action.success === null ? 'not ended' : action.success ? 'succeeded' : 'failed'}`);
    return line;
  }

  function objectRow(object) {
    const line = element('div', undefined, 'row');
    const name = element('span', object.name, 'name');
    name.title = object.name;
    const track = element('span', undefined, 'track');
    const scale = 100 / total;
    const add = (start, end, classes, title) => {
      const made = element('span', undefined, `bar ${classes}`);
      made.style.left = `${start * scale}%`;
      made.style.width = `${(end - start) * scale}%`;
      made.title = title;
      track.append(made);
    };
    if (object.put === null) add(object.get, object.get, 'read', 'read only');
    else {
      add(object.put, total, 'kept', `kept for ${duration(total - object.put)}`);
      if (object.get !== null && object.get > object.put) add(object.put, object.get, 'life', `lifetime ${duration(object.get - object.put)}`);
    }
    line.append(name, element('span', bytes(object.size), 'number'), element('span', object.put !== null && object.get !== null ? duration(Math.max(0, object.get - object.put)) : '', 'number'), track);
    line.setAttribute('aria-label', `${object.name}, ${bytes(object.size)}`);
    return line;
  }

  const dialog = byId('details');

  function open(title, parts) {
    byId('details-title').textContent = title;
    byId('details-body').replaceChildren(...parts.flat());
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function table(headings, rows) {
    const made = element('table', undefined, 'plain');
    const head = made.createTHead().insertRow();
    headings.forEach((heading) => head.append(element('th', heading)));
    const body = made.createTBody();
    rows.forEach((cells) => {
      const line = body.insertRow();
      cells.forEach((cell) => { line.insertCell().textContent = cell; });
    });
    return made;
  }

  function block(heading, text) {
    return text ? [element('h3', heading), element('pre', text)] : [];
  }

  function openAction(action) {
    const rows = action.attempts.map((a, i) => [i + 1, a.outcome ?? 'running', duration(a.start), duration(a.queued), a.end === null ? '' : duration(a.end - a.start), a.activation ?? '']);
    const used = (kind) => objects.filter((o) => o[kind].includes(action.order)).map((o) => `${o.name}  ${bytes(o.size)}`).join('\n');
    open(`${action.label} — ${action.name}`, [
      [element('p', action.id, 'id')],
      [table(['Attempt', 'Outcome', 'Started after', 'Waited', 'Time', 'Activation'], rows)],
      ...action.attempts.map((a, i) => block(`Attempt ${i + 1} makes lost objects again`, a.cause)),
      ...action.attempts.map((a, i) => block(`Error of attempt ${i + 1}`, a.problem)),
      block('Called with', action.body),
      block('Result', action.result),
      block('Read', used('readers')),
      block('Wrote', used('writers')),
    ]);
  }

  function openObject(object) {
    const who = (list) => list.map((place) => actions[place].label).join('\n');
    open(object.name, [
      [table(['First write', 'Last read', 'Written', 'Read'], [[object.put === null ? '' : duration(object.put), object.get === null ? '' : duration(object.get), bytes(object.putSize), bytes(object.getSize)]])],
      block('Writers', who(object.writers)),
      block('Readers', who(object.readers)),
    ]);
  }

  const actionList = new List('action', 'actions', actionRow, openAction);
  const objectList = new List('object', 'objects', objectRow, openObject);

  const kinds = {
    '': () => true,
    failed: (a) => a.success === false,
    retried: (a) => a.attempts.length > 1,
    recovered: (a) => a.attempts.some((t) => t.cause),
    open: (a) => a.success === null,
  };
  const sorts = {
    order: (a, b) => a.order - b.order,
    start: (a, b) => (a.attempts[0]?.start ?? Infinity) - (b.attempts[0]?.start ?? Infinity) || a.order - b.order,
    time: (a, b) => b.time - a.time || a.order - b.order,
    wait: (a, b) => b.wait - a.wait || a.order - b.order,
    attempts: (a, b) => b.attempts.length - a.attempts.length || a.order - b.order,
    size: (a, b) => b.size - a.size || a.order - b.order,
    life: (a, b) => ((b.get ?? 0) - (b.put ?? Infinity)) - ((a.get ?? 0) - (a.put ?? Infinity)) || a.order - b.order,
  };

  function showActions() {
    const text = byId('action-text').value.trim().toLowerCase();
    const step = byId('action-step').value;
    const kind = kinds[byId('action-kind').value];
    actionList.show(actions.filter((a) => (!step || a.step === step) && kind(a) && (!text || a.search.includes(text))).sort(sorts[byId('action-sort').value]), actions.length);
  }

  function showObjects() {
    const text = byId('object-text').value.trim().toLowerCase();
    objectList.show(objects.filter((o) => !text || o.name.toLowerCase().includes(text)).sort(sorts[byId('object-sort').value]), objects.length);
  }

  function zoom(start, end) {
    const width = Math.max(Math.min(end - start, total), total / 1e5);
    from = Math.max(0, Math.min(start, total - width));
    to = from + width;
    byId('action-axis').replaceChildren(...[0, 0.25, 0.5, 0.75, 1].map((part) => {
      const mark = element('span', duration(from + (to - from) * part));
      mark.style.left = `${part * 100}%`;
      return mark;
    }));
    actionList.draw();
  }

  const middle = () => (from + to) / 2;
  const width = () => to - from;
  byId('zoom-in').addEventListener('click', () => zoom(middle() - width() / 4, middle() + width() / 4));
  byId('zoom-out').addEventListener('click', () => zoom(middle() - width(), middle() + width()));
  byId('zoom-back').addEventListener('click', () => zoom(from - width() / 2, to - width() / 2));
  byId('zoom-on').addEventListener('click', () => zoom(from + width() / 2, to + width() / 2));
  byId('zoom-all').addEventListener('click', () => zoom(0, total));
  data.steps.forEach((step) => byId('action-step').append(element('option', step)));
  for (const [form, show] of [['action-filters', showActions], ['object-filters', showObjects]]) {
    byId(form).addEventListener('input', show);
    byId(form).addEventListener('submit', (event) => event.preventDefault());
  }
  zoom(0, total);
  showActions();
  showObjects();
})();
