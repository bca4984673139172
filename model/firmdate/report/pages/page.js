"use strict";
// The table of order lines: unpacks what the page holds, and searches, sorts, pages and opens it.
(() => {
  const packed = document.getElementById("packed-lines");
  const table = document.getElementById("lines-table");
  if (!packed || !table || !window.DecompressionStream) return;

  const text = (value) => (value === null || value === undefined ? "" : String(value));
  const number = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
  const signed = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const day = (value) => new Date(value * 864e5).toISOString().slice(0, 10);
  const words = (value) => value.replaceAll("_", " ");

  async function unpack(base64) {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return JSON.parse(await new Response(stream).text());
  }

  function shown(column, row, kind) {
    const value = column.values[row];
    if (value === null) return "";
    if (column.kind === "date") return day(value);
    if (column.kind === "number") return (kind === "signed" ? signed : number).format(value);
    return kind === "word" ? words(column.texts[value]) : column.texts[value];
  }

  // The names that a sentence takes from other columns are control characters in it.
  function sentence(field, row) {
    const plain = shown(field.column, row, field.kind);
    return field.refers.reduce((said, column, at) => said.replaceAll(String.fromCharCode(at + 1), shown(column, row)), plain);
  }

  function element(name, attributes, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
    made.append(...children);
    return made;
  }

  // Order of the rows by a column; blanks are last either way.
  function sorted(rows, column, down) {
    let key = column.values;
    if (column.kind === "text") {
      const compare = new Intl.Collator("en", { numeric: true }).compare;
      const order = column.texts.map((_, at) => at).sort((a, b) => compare(column.texts[a], column.texts[b]));
      const rank = new Array(order.length);
      order.forEach((at, place) => { rank[at] = column.texts[at] === "" ? null : place; });
      key = column.values.map((at) => rank[at]);
    }
    const sign = down ? -1 : 1;
    return rows.slice().sort((a, b) => {
      const x = key[a], y = key[b];
      if (x === y) return a - b;
      if (x === null) return 1;
      if (y === null) return -1;
      return x < y ? -sign : sign;
    });
  }

  // A column that other columns tell in part gets its values: days since a date, a product, or what stands once.
  function filled(field, fields) {
    if (!field.column.short) return;
    const columns = [field.since, ...field.product, ...field.shared].filter((key) => key)
      .map((key) => fields.find((one) => one.key === key).column);
    const { values, texts } = field.column;
    if (field.since) {
      field.column.values = values.map((days, row) => (days === null ? null : columns[0].values[row] + days));
    } else if (field.product.length) {
      const product = (row) => columns.some((one) => one.values[row] === null) ? null : columns.reduce((all, one) => all * one.values[row], 1);
      field.column.values = values.map((value, row) => (value === null ? product(row) : value));
    } else {
      const once = new Map();
      field.column.values = values.map((value, row) => {
        const key = columns.map((one) => one.values[row]).join();
        if (!once.has(key)) once.set(key, value);
        return texts[value] === "" ? once.get(key) : value;
      });
    }
  }

  function start(data) {
    for (const column of data.columns.concat(data.attached.flatMap((rows) => rows.columns))) {
      column.values ||= column.texts.map((_, at) => at);
    }
    const fields = data.fields.map((field, at) => ({ ...field, column: data.columns[at] }));
    for (const field of fields) {
      field.refers = field.names.map((name) => fields.find((one) => one.key === name).column);
    }
    fields.forEach((field) => filled(field, fields));
    const cells = fields.filter((field) => field.place === "table");
    const every = Array.from({ length: data.n }, (_, at) => at);
    const state = { search: "", chosen: new Map(), sort: null, down: false, page: 0, size: 25, open: new Set(), rows: every };
    const body = table.tBodies[0];
    const said = document.getElementById("lines-said");
    const tools = document.getElementById("lines-tools");
    const search = document.getElementById("lines-search");
    const size = document.getElementById("lines-size");
    const pager = document.getElementById("lines-pager");

    for (const rows of data.attached) {
      let total = 0;
      rows.first = new Map();
      rows.key.forEach((step, at) => {
        total += step;
        const range = rows.first.get(total);
        if (range) range[1] = at + 1;
        else rows.first.set(total, [at, at + 1]);
      });
    }

    function find() {
      // Words are found anywhere; a "phrase" is a whole cell, or how it begins.
      const wanted = state.search.toLowerCase().match(/"[^"]*"|[^\s"]+/g) || [];
      const texts = fields.filter((field) => field.column.kind === "text" && field.place !== "more");
      const lower = texts.map((field) => field.column.texts.map((one) => (field.kind === "word" ? words(one) : one).toLowerCase()));
      let rows = every;
      for (const word of wanted) {
        const phrase = word.startsWith("\"") ? word.slice(1, -1) : null;
        const fits = phrase === null ? (one) => one.includes(word) : (one) => one === phrase || one.startsWith(phrase + " ");
        const hits = lower.map((column) => column.map(fits));
        rows = rows.filter((row) => texts.some((field, at) => hits[at][field.column.values[row]]));
      }
      for (const [field, value] of state.chosen) {
        const code = field.column.kind === "text" ? field.column.texts.indexOf(value) : Number(value);
        rows = rows.filter((row) => field.column.values[row] === code);
      }
      state.rows = state.sort ? sorted(rows, state.sort.column, state.down) : rows;
      state.page = 0;
      show();
    }

    function detail(row) {
      const inner = element("div", { class: "inner" });
      const why = fields.filter((field) => ["reason", "more"].includes(field.place) && shown(field.column, row, field.kind));
      for (const field of why) {
        inner.append(element("div", { class: "why" }, element("h4", {}, field.head), sentence(field, row)));
      }
      const chain = fields.find((field) => field.key === "chain");
      if (data.command && why.length && !(chain && shown(chain.column, row))) {
        inner.append(element("div", { class: "why soft" }, `How it comes about, in full: ${data.command} ${shown(fields[0].column, row)}`));
      }
      const facts = element("dl", { class: "facts" });
      for (const field of fields.filter((one) => one.place === "detail" || !one.narrow)) {
        const value = shown(field.column, row, field.kind);
        const name = field.place === "detail" ? "" : "narrow-only";
        if (value !== "") facts.append(element("dt", { class: name }, field.head), element("dd", { class: name }, value));
      }
      inner.append(element("div", {}, element("h4", {}, "The line"), facts));
      for (const rows of data.attached) inner.append(attached(rows, row));
      return inner;
    }

    // The number of a line's stocking point, as the packed page counts them.
    function point(row) {
      const [item, location] = ["item", "location"].map((key) => fields.find((one) => one.key === key).column);
      return item.values[row] * location.texts.length + location.values[row];
    }

    function attached(rows, row) {
      const key = rows.byPoint ? point(row) : row;
      const part = element("div", {}, element("h4", {}, rows.title));
      const [from, to] = rows.first.get(key) || [0, 0];
      if (from === to) {
        const date = fields.find((one) => one.key === "promise_date");
        const at_once = !rows.byPoint && date && date.column.values[row] !== null;
        part.append(element("p", { class: "soft" }, at_once ? `all on ${shown(date.column, row)}` : "none"));
        return part;
      }
      const made = element("table", {}, element("thead", {}, element("tr", {}, ...rows.heads.map(
        (head, at) => element("th", { scope: "col", class: css(rows.columns[at]) }, head)))));
      const list = element("tbody");
      for (let at = from; at < Math.min(to, from + 12); at++) {
        list.append(element("tr", {}, ...rows.columns.map((column) => element("td", { class: css(column) }, shown(column, at)))));
      }
      made.append(list);
      part.append(made);
      if (to - from > 12) part.append(element("p", { class: "soft" }, `and ${to - from - 12} more`));
      return part;
    }

    const css = (column) => ({ number: "n", date: "d", text: "id" })[column.kind];

    function toggle(row, button) {
      const line = button.closest("tr");
      const opened = !state.open.has(row);
      button.setAttribute("aria-expanded", String(opened));
      if (opened) {
        state.open.add(row);
        line.after(opened_row(row));
      } else {
        state.open.delete(row);
        line.nextElementSibling.remove();
      }
    }

    const opened_row = (row) =>
      element("tr", { class: "detail", id: `line-${row}` }, element("td", { colspan: String(cells.length) }, detail(row)));

    function line(row) {
      const made = element("tr");
      cells.forEach((field, at) => {
        const value = shown(field.column, row, field.kind);
        if (at === 0) {
          const open = state.open.has(row);
          const button = element("button", { type: "button", class: "open", "aria-expanded": String(open), "aria-controls": `line-${row}` }, value);
          button.addEventListener("click", () => toggle(row, button));
          made.append(element("th", { scope: "row", class: "id" }, button));
        } else {
          const word = field.kind === "word" ? ` w-${field.column.texts[field.column.values[row]]}` : "";
          made.append(element("td", { class: css(field.column) + word + (field.narrow ? "" : " wide-only") }, value));
        }
      });
      return made;
    }

    function show() {
      const pages = Math.max(Math.ceil(state.rows.length / state.size), 1);
      state.page = Math.min(Math.max(state.page, 0), pages - 1);
      const from = state.page * state.size;
      const rows = state.rows.slice(from, from + state.size);
      body.replaceChildren(...rows.flatMap((row) => (state.open.has(row) ? [line(row), opened_row(row)] : [line(row)])));
      const range = rows.length ? `${number.format(from + 1)} to ${number.format(from + rows.length)} of ` : "";
      const found = state.rows.length === data.n ? "" : ` found, of ${number.format(data.n)}`;
      said.textContent = `${range}${number.format(state.rows.length)} lines${found}`;
      for (const button of pager.querySelectorAll("button")) {
        const back = button.dataset.step < 0;
        button.disabled = back ? state.page === 0 : state.page === pages - 1;
      }
    }

    function choices() {
      for (const field of cells.concat(fields.filter((one) => one.place !== "table")).filter((one) => one.chosen)) {
        const values = field.column.kind === "text" ? field.column.texts : [...new Set(field.column.values)].map(text);
        const known = values.filter((value) => value !== "").sort(new Intl.Collator("en", { numeric: true }).compare);
        if (known.length < 2 || known.length > 300) continue;
        const select = element("select", {}, element("option", { value: "" }, "all"));
        for (const value of known) select.append(element("option", { value }, field.kind === "word" ? words(value) : value));
        select.addEventListener("change", () => {
          if (select.value === "") state.chosen.delete(field);
          else state.chosen.set(field, select.value);
          find();
        });
        tools.append(element("label", {}, field.head, select));
      }
    }

    function heads() {
      const row = table.tHead.rows[0];
      cells.forEach((field, at) => {
        const head = row.cells[at];
        const button = element("button", { type: "button" }, head.textContent);
        head.replaceChildren(button);
        button.addEventListener("click", () => {
          state.down = state.sort === field ? !state.down : field.column.kind === "number";
          state.sort = field;
          for (const one of row.cells) one.removeAttribute("aria-sort");
          head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
          find();
        });
      });
    }

    function seek(words_wanted) {
      search.value = words_wanted;
      state.search = words_wanted;
      find();
      document.getElementById("lines").scrollIntoView();
      search.focus({ preventScroll: true });
    }

    // A page may be opened at a line: report.html#line=ORDER/LINE
    function linked() {
      if (!location.hash.startsWith("#line=")) return;
      const name = decodeURIComponent(location.hash.slice(6));
      const at = fields[0].column.texts.indexOf(name);
      const row = at < 0 ? -1 : fields[0].column.values.indexOf(at);
      if (row >= 0) state.open.add(row);
      seek(name);
    }

    let waiting = 0;
    search.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => { state.search = search.value; find(); }, data.n > 20000 ? 200 : 0);
    });
    size.addEventListener("change", () => { state.size = Number(size.value); state.page = 0; show(); });
    for (const button of pager.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        const step = Number(button.dataset.step);
        state.page = Math.abs(step) > 1 ? (step > 0 ? Infinity : 0) : state.page + step;
        show();
      });
    }
    for (const button of document.querySelectorAll("button[data-find]")) {
      button.disabled = false;
      button.addEventListener("click", () => seek(button.dataset.find));
    }
    window.addEventListener("hashchange", linked);
    window.addEventListener("beforeprint", () => { state.screen = state.size; state.size = Math.max(state.size, 200); show(); });
    window.addEventListener("afterprint", () => { state.size = state.screen; show(); });
    choices();
    heads();
    show();
    for (const part of [tools, pager]) part.hidden = false;
    document.getElementById("lines-static").hidden = true;
    document.documentElement.dataset.ready = "true";
    linked();
  }

  unpack(packed.textContent.trim()).then(start);
})();
