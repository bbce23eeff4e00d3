'use strict';
// What the page can do beyond being read: theme, tabs, search and filters, keys, and the picture of the graph.
(() => {
  const $ = (id) => document.getElementById(id);
  const make = (tag, props, ...children) => {
    const element = Object.assign(document.createElement(tag), props);
    element.append(...children);
    return element;
  };
  const root = document.documentElement;

  // Theme: what the system says, until somebody chooses.
  const theme = $('theme');
  const prefers = matchMedia('(prefers-color-scheme: dark)');
  const stored = (value) => {
    try {
      if (value) localStorage.setItem('campaignctl-theme', value);
      return localStorage.getItem('campaignctl-theme');
    } catch {
      return null; // a page from a file may have no storage
    }
  };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === 'dark' : prefers.matches);
  const named = () => {
    theme.textContent = isDark() ? 'Light theme' : 'Dark theme';
  };
  const known = stored();
  if (known === 'dark' || known === 'light') root.dataset.theme = known;
  theme.hidden = false;
  theme.addEventListener('click', () => {
    root.dataset.theme = isDark() ? 'light' : 'dark';
    stored(root.dataset.theme);
    named();
  });
  prefers.addEventListener('change', named);
  named();
  if (!$('changes')) return;

  // Changes: search and filters.
  const cards = [...document.querySelectorAll('.change')];
  const groups = [...document.querySelectorAll('#changes > .group')];
  const counts = [...document.querySelectorAll('.counts a')];
  const tools = document.querySelector('.tools');
  const texts = new Map();
  const textOf = (card) => {
    if (!texts.has(card)) texts.set(card, card.textContent.toLowerCase());
    return texts.get(card);
  };
  const isShown = (card) => !card.hidden;
  const actions = new Set();
  tools.hidden = false;
  tools.addEventListener('submit', (event) => event.preventDefault());

  function filter() {
    const words = $('q').value.toLowerCase().split(/\s+/).filter(Boolean);
    const [kind, cause, live] = [$('kind').value, $('cause').value, $('live').checked];
    // What the plan leaves alone is no change.
    const counted = { changes: [0, 0], 'left alone': [0, 0] };
    for (const card of cards) {
      const data = card.dataset;
      const fits =
        (actions.size === 0 || actions.has(data.action)) &&
        (!kind || data.kind === kind) &&
        (!cause || data.causes.split('|').includes(cause)) &&
        (!live || 'live' in data) &&
        words.every((word) => textOf(card).includes(word));
      card.hidden = !fits;
      const count = counted[data.action === 'none' ? 'left alone' : 'changes'];
      if (fits) count[0] += 1;
      count[1] += 1;
    }
    const shown = cards.filter(isShown).length;
    for (const group of groups) {
      const inside = [...group.querySelectorAll('.change')];
      const left = inside.filter(isShown);
      if (inside.length > 0) group.hidden = left.length === 0;
      else group.hidden = shown < cards.length;
      for (const alike of group.querySelectorAll('.alike')) alike.hidden = !alike.querySelector('.change:not([hidden])');
      for (const card of inside) card.classList.remove('first', 'last');
      left[0]?.classList.add('first');
      left[left.length - 1]?.classList.add('last');
    }
    $('shown').textContent = Object.entries(counted)
      .filter(([, [, all]]) => all > 0)
      .map(([what, [fits, all]]) => {
        const counts = fits === all ? `${all}` : `${fits} of ${all}`;
        return `${counts} ${all === 1 ? what.replace(/s$/, '') : what}`;
      })
      .join(', ');
    $('none').hidden = shown > 0;
    for (const alike of document.querySelectorAll('.alike')) show(alike, shown < cards.length);
  }

  /** A block of equal changes is open while its changes are searched. */
  function show(alike, isSearched) {
    if (isSearched && !alike.open) {
      alike.open = true;
      alike.dataset.searched = '';
    } else if (!isSearched && 'searched' in alike.dataset) {
      alike.open = false;
      delete alike.dataset.searched;
    }
  }
  for (const count of counts) {
    count.setAttribute('role', 'button');
    count.setAttribute('aria-pressed', 'false');
    const toggle = (event) => {
      event.preventDefault();
      const { action } = count.dataset;
      if (!actions.delete(action)) actions.add(action);
      count.setAttribute('aria-pressed', String(actions.has(action)));
      select('changes');
      filter();
    };
    count.addEventListener('click', toggle);
    count.addEventListener('keydown', (event) => {
      if (event.key === ' ') toggle(event);
    });
  }
  let waiting;
  $('q').addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(filter, 60);
  });
  for (const id of ['kind', 'cause', 'live']) $(id).addEventListener('change', filter);
  function clear() {
    $('q').value = '';
    $('kind').value = '';
    $('cause').value = '';
    $('live').checked = false;
    actions.clear();
    for (const count of counts) count.setAttribute('aria-pressed', 'false');
    filter();
  }
  $('clear').addEventListener('click', () => {
    clear();
    $('q').focus();
  });
  $('all').addEventListener('click', () => {
    const open = $('all').getAttribute('aria-pressed') !== 'true';
    $('all').setAttribute('aria-pressed', String(open));
    $('all').textContent = open ? 'Close all' : 'Open all';
    for (const card of [...cards, ...document.querySelectorAll('.alike')]) if (!card.hidden) card.open = open;
  });

  // Tabs: without the script they are links to parts of one long page.
  const bar = document.querySelector('.tabs');
  const tabs = [...bar.querySelectorAll('a')];
  const viewOf = (tab) => $(tab.hash.slice(1));
  bar.setAttribute('role', 'tablist');
  for (const tab of tabs) {
    const id = tab.hash.slice(1);
    tab.id = `tab-${id}`;
    tab.setAttribute('role', 'tab');
    tab.setAttribute('aria-controls', id);
    $(id).setAttribute('role', 'tabpanel');
    $(id).setAttribute('aria-labelledby', tab.id);
    tab.addEventListener('click', (event) => {
      event.preventDefault();
      select(id);
    });
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (event.key === ' ') event.preventDefault(), select(id);
      if (!step) return;
      event.preventDefault();
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      select(next.hash.slice(1));
      next.focus();
    });
  }
  function select(id) {
    for (const tab of tabs) {
      const isIt = tab.hash === `#${id}`;
      tab.setAttribute('aria-selected', String(isIt));
      tab.tabIndex = isIt ? 0 : -1;
      viewOf(tab).hidden = !isIt;
    }
    if (id === 'graph') draw();
  }

  /** Opens the block of equal changes that a change is in. */
  function unfold(card) {
    const alike = card.closest('.alike');
    if (alike) alike.open = true;
  }

  /** Shows a change, whatever hides it. */
  function go(card) {
    select('changes');
    if (card.hidden) clear();
    unfold(card);
    card.open = true;
    card.querySelector('summary').focus({ preventScroll: true });
    card.scrollIntoView({ block: 'start' });
  }
  const aimed = () => {
    const card = /^#c\d+$/.test(location.hash) ? $(location.hash.slice(1)) : null;
    if (card) go(card);
  };
  addEventListener('hashchange', aimed);
  document.addEventListener('click', (event) => {
    const link = event.target.closest('a[href^="#c"]');
    const card = link && /^#c\d+$/.test(link.hash) && $(link.hash.slice(1));
    if (!card) return;
    event.preventDefault();
    history.replaceState(null, '', link.hash);
    go(card);
  });

  // Keys.
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches('input[type="search"], select');
    if (event.key === 'Escape' && event.target === $('q')) {
      event.preventDefault();
      clear();
      event.target.blur();
    } else if (isTyping) {
      return;
    } else if (event.key === '/') {
      event.preventDefault();
      select('changes');
      $('q').focus();
      $('q').select();
    } else if (event.key === 'j' || event.key === 'k') {
      select('changes');
      const shown = cards.filter(isShown);
      const at = shown.indexOf(document.activeElement.closest('.change'));
      const next = shown[event.key === 'j' ? at + 1 : Math.max(at - 1, 0)];
      if (next) unfold(next);
      next?.querySelector('summary').focus();
    }
  });

  // The graph: what the object in the middle refers to on the left, what a change of it reaches on the right.
  const data = JSON.parse($('data').textContent);
  const nodes = data.nodes.map(([id, kind, name, shown, action, live, change], index) => ({
    index, id, kind, name, shown, action, live: live === 1, change, uses: [], users: [], around: [],
  }));
  for (const [from, to, inside] of data.edges) {
    nodes[from].uses.push(nodes[to]);
    nodes[to].users.push(nodes[from]);
    if (inside) nodes[from].around.push(nodes[to]);
  }
  const WHOLE = 60; // the most objects of a graph that is drawn whole
  const TALL = 24; // the most objects in a column, until somebody asks for more
  const stretched = new Set();
  let focus = null;
  let isDrawn = false;

  const picker = make('select', { id: 'focus' });
  const options = nodes.filter((it) => it.uses.length + it.users.length > 0 || it.action);
  if (nodes.length <= WHOLE) picker.append(make('option', { value: '', textContent: 'All objects' }));
  for (const node of options) picker.append(make('option', { value: node.index, textContent: node.id }));
  const whole = make('button', { type: 'button', textContent: 'Whole graph', hidden: nodes.length > WHOLE });
  const told = make('p', { className: 'told', id: 'told' });
  told.setAttribute('aria-live', 'polite');
  const net = make('div', { className: 'net' });
  const canvas = make('div', { className: 'canvas', tabIndex: 0 }, net);
  canvas.setAttribute('role', 'group');
  canvas.setAttribute('aria-label', 'Dependency graph; arrow keys move between objects');
  const label = make('label', {}, make('span', { className: 'sr', textContent: 'Object' }), picker);
  label.className = 'pick';
  $('graph').append(
    make('div', { className: 'focus' }, label, whole),
    told,
    canvas,
    make('p', { className: 'key', textContent: 'Choose an object to see what a change of it reaches. Thick lines lead to the campaign around an engagement; uncoloured objects do not change themselves.' }),
  );
  picker.addEventListener('change', () => look(picker.value ? nodes[Number(picker.value)] : null));
  whole.addEventListener('click', () => look(null));

  /** Everything that a node leads to, by a relation. */
  function closure(start, next) {
    const found = new Set();
    const open = [start];
    while (open.length > 0) {
      for (const node of next(open.pop())) {
        if (node !== start && !found.has(node)) {
          found.add(node);
          open.push(node);
        }
      }
    }
    return found;
  }
  const reachOf = (node) => {
    const found = closure(node, (it) => it.users);
    for (const it of [...found]) for (const parent of it.around) if (parent !== node) found.add(parent);
    return found;
  };

  /** The longest way of each node of a set along a relation, from those without one. */
  function ranks(set, next) {
    const rank = new Map();
    const visit = (node, trail) => {
      if (rank.has(node)) return rank.get(node);
      if (trail.has(node)) return 0;
      trail.add(node);
      const below = next(node).filter((it) => set.has(it)).map((it) => visit(it, trail) + 1);
      trail.delete(node);
      const own = Math.max(0, ...below);
      rank.set(node, own);
      return own;
    };
    for (const node of set) visit(node, new Set());
    return rank;
  }

  /** The columns from left to right, each with a title. */
  function columns() {
    const lists = new Map();
    const put = (rank, node) => {
      if (!lists.has(rank)) lists.set(rank, []);
      lists.get(rank).push(node);
    };
    if (!focus) {
      for (const [node, rank] of ranks(new Set(options), (it) => it.uses)) put(rank, node);
    } else {
      const [uses, reach] = [closure(focus, (it) => it.uses), reachOf(focus)];
      for (const node of reach) uses.delete(node);
      const middle = new Set([focus]);
      for (const [node, rank] of ranks(uses, (it) => it.users)) put(-1 - rank, node);
      put(0, focus);
      const from = (it) => it.uses.filter((used) => !middle.has(used));
      for (const [node, rank] of ranks(reach, from)) put(1 + rank, node);
    }
    const order = [...lists.keys()].sort((a, b) => a - b);
    let last = new Map();
    return order.map((rank) => {
      const list = lists.get(rank);
      const weight = (node) => {
        const at = [...node.uses, ...node.users].map((it) => last.get(it)).filter((it) => it !== undefined);
        return at.length > 0 ? at.reduce((a, b) => a + b) / at.length : Infinity;
      };
      const weights = new Map(list.map((node) => [node, weight(node)]));
      list.sort((a, b) => Number(a.users.length === 0) - Number(b.users.length === 0) || (weights.get(a) === weights.get(b) ? a.index - b.index : weights.get(a) - weights.get(b)));
      last = new Map(list.map((node, index) => [node, index]));
      return { rank, list, title: titleOf(rank, order) };
    });
  }
  const titleOf = (rank, order) => {
    if (!focus) return rank === order[0] ? 'Refers to nothing' : '';
    if (rank === 0) return 'Object';
    if (rank === -1) return 'Refers to';
    if (rank === 1) return 'Reaches';
    return rank < 0 ? 'and that to' : 'and through it';
  };

  function buttonOf(node) {
    const small = make('small', {}, node.action ? `${node.kind}, ${node.action}` : node.kind);
    if (node.live) small.append(make('em', { textContent: 'live' }));
    const button = make('button', { type: 'button', className: `node ${node.action ?? ''}`, title: node.shown ? `${node.id} “${node.shown}”` : node.id }, small, make('span', { textContent: node.name }));
    button.setAttribute('aria-label', [node.kind, node.name, node.action, node.live ? 'live' : ''].filter(Boolean).join(', '));
    if (node.action) button.dataset.own = node.action;
    if (node === focus) button.setAttribute('aria-current', 'true');
    button.addEventListener('click', () => look(node, true));
    button.addEventListener('pointerenter', () => heat(node));
    button.addEventListener('focus', () => heat(node));
    return button;
  }

  let lines = [];
  const heat = (node) => {
    for (const { path, from, to } of lines) path.classList.toggle('hot', from === node || to === node);
  };

  function draw() {
    if (isDrawn) return;
    isDrawn = true;
    picker.value = focus ? String(focus.index) : '';
    whole.setAttribute('aria-pressed', String(!focus));
    describe();
    net.replaceChildren();
    const buttons = new Map();
    for (const { rank, list, title } of columns()) {
      const column = make('div', { className: 'col' }, make('h3', { textContent: title }));
      const limit = stretched.has(rank) || list.length <= TALL + 1 ? list.length : TALL;
      for (const node of list.slice(0, limit)) {
        buttons.set(node, buttonOf(node));
        column.append(buttons.get(node));
      }
      if (limit < list.length) {
        const more = make('button', { type: 'button', className: 'more', textContent: `${list.length - limit} more` });
        more.addEventListener('click', () => {
          stretched.add(rank);
          isDrawn = false;
          draw();
        });
        column.append(more);
      }
      net.append(column);
    }
    connect(buttons);
    if (focus) {
      const own = buttons.get(focus);
      const column = own.parentElement;
      canvas.scrollLeft = column.offsetLeft - Math.max(12, (canvas.clientWidth - column.offsetWidth) / 2 - 60);
      canvas.scrollTop = own.offsetTop - 60;
    }
  }

  /** The lines between the boxes of neighbouring and farther columns. */
  function connect(buttons) {
    const space = 'http://www.w3.org/2000/svg';
    const svg = document.createElementNS(space, 'svg');
    svg.setAttribute('aria-hidden', 'true');
    svg.setAttribute('width', net.scrollWidth);
    svg.setAttribute('height', net.scrollHeight);
    lines = [];
    for (const [from, to, inside] of data.edges) {
      const ends = [buttons.get(nodes[to]), buttons.get(nodes[from])];
      if (!ends[0] || !ends[1]) continue;
      const at = (it) => ({ x: it.parentElement.offsetLeft + it.offsetLeft, y: it.parentElement.offsetTop + it.offsetTop + it.offsetHeight / 2, width: it.offsetWidth });
      const [a, b] = ends.map(at).sort((one, other) => one.x - other.x);
      const [x1, x2] = a.x === b.x ? [a.x + a.width, b.x + b.width] : [a.x + a.width, b.x];
      const bend = Math.max(28, Math.abs(x2 - x1) / 2);
      const path = document.createElementNS(space, 'path');
      const last = a.x === b.x ? x2 + bend : x2 - bend;
      path.setAttribute('d', `M${x1} ${a.y}C${x1 + bend} ${a.y} ${last} ${b.y} ${x2} ${b.y}`);
      if (inside) path.classList.add('inside');
      svg.append(path);
      lines.push({ path, from: nodes[from], to: nodes[to] });
    }
    net.prepend(svg);
    if (focus) heat(focus);
  }

  function describe() {
    told.replaceChildren();
    if (!focus) {
      told.append(`${options.length} objects, ${data.edges.length} references.`);
      return;
    }
    const reach = [...reachOf(focus)];
    const live = reach.filter((it) => it.live).length;
    const words = reach.length === 0 ? 'used by nothing else' : `used by ${reach.length} ${reach.length === 1 ? 'object' : 'objects'}, ${live === 0 ? 'none' : live} of them live`;
    told.append(make('strong', { textContent: focus.id }), `${focus.shown ? ` “${focus.shown}”` : ''}: ${focus.action ?? 'does not change itself'}; ${words}. `);
    if (focus.change !== null) told.append(make('a', { href: `#c${focus.change}`, textContent: 'Open the change' }));
  }

  function look(node, keepsFocus) {
    focus = node;
    isDrawn = false;
    stretched.clear();
    select('graph');
    if (keepsFocus) net.querySelector('[aria-current]')?.focus({ preventScroll: true });
  }

  canvas.addEventListener('keydown', (event) => {
    const [x, y] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key] ?? [0, 0];
    const own = event.target.closest('.col button');
    if (!own || (!x && !y)) return;
    event.preventDefault();
    const all = [...net.querySelectorAll('.col')].map((it) => [...it.querySelectorAll('button')]);
    const column = all.findIndex((it) => it.includes(own));
    const row = all[column].indexOf(own);
    const next = all[column + x];
    (next?.[Math.min(row + y, next.length - 1)] ?? own).focus();
  });

  for (const node of nodes) {
    if (node.change === null || node.uses.length + node.users.length === 0) continue;
    const see = make('button', { type: 'button', className: 'see', textContent: 'Show in the graph' });
    see.addEventListener('click', () => {
      look(node, true);
      bar.scrollIntoView({ block: 'start' });
    });
    $(`c${node.change}`).querySelector('.body').append(see);
  }
  /** Of a graph too large to be drawn whole, the change that most objects refer to comes first. */
  if (options.length > WHOLE) {
    focus = options.reduce((best, it) => (it.action && it.users.length > (best?.users.length ?? -1) ? it : best), null) ?? options[0];
  }
  addEventListener('resize', () => {
    if ($('graph').hidden) return;
    isDrawn = false;
    draw();
  });

  filter();
  select('changes');
  aimed();
})();
