"use strict";
// Sorting, filtering and paging of the table. The view stands in the fragment of the address, so that it can be kept and sent on:
// #text=…&status=…&pattern=…&flag=…&sort=decrement&direction=descending&page=2
(() => {
  const ROWS_PER_PAGE = 100;
  const ROWS_PRINTED = 1000;
  // Before the rows arrive: the style hides all but the first page, so that a long table is never laid out as a whole.
  document.documentElement.className = "js";

  const start = () => {
    const table = document.getElementById("studies");
    const body = table.tBodies[0];
    const heads = [...table.tHead.rows[0].cells];
    const columns = heads.map((head) => head.dataset.key);
    const filters = document.getElementById("filters");
    const names = ["text", "status", "pattern", "flag"];
    const fields = names.map((name) => filters.elements.namedItem(name));
    const shown = document.getElementById("shown");
    const pagers = [...document.querySelectorAll("nav")];
    const patterns = [...filters.elements.namedItem("pattern").options].map((option) => option.value);
    const entries = [...body.rows].map((row, order) => ({ row, order }));
    const words = new Intl.Collator("en", { numeric: true });
    let sort = "number";
    let direction = "ascending";
    let page = 1;
    let matched = entries;

    const cell = (entry, key) => entry.row.cells[columns.indexOf(key)];
    // A file that was not analyzed has one cell from its status on.
    const analyzed = (entry) => entry.row.className === "";
    const status = (entry) => entry.row.className || "ok";
    const pattern = (entry) => (analyzed(entry) ? cell(entry, "pattern").dataset.p : undefined);

    // What a column is sorted by; undefined where there is nothing.
    const number = (text) => {
      const value = parseFloat(text.replace("−", "-"));
      return Number.isNaN(value) ? undefined : value;
    };
    const values = {
      number: (entry) => entry.order,
      study: (entry) => cell(entry, "study").querySelector("bdi").textContent,
      status: (entry) => ["failed", "skipped", "ok"].indexOf(status(entry)),
      muscles: (entry) => (analyzed(entry) ? cell(entry, "muscles").textContent : undefined),
      pattern: (entry) => (analyzed(entry) ? patterns.indexOf(pattern(entry)) : undefined),
      noticed: (entry) => (analyzed(entry) ? Number(cell(entry, "noticed").dataset.w) : undefined),
    };
    for (const key of ["trains", "resting", "decrement", "increment", "temperature"]) {
      values[key] = (entry) => (analyzed(entry) ? number(cell(entry, key).textContent) : undefined);
    }

    const sorted = (list) => {
      const value = values[sort];
      const sign = direction === "descending" ? -1 : 1;
      const keyed = list.map((entry) => ({ entry, key: value(entry) }));
      keyed.sort((a, b) => {
        // What has no value comes last in both directions; what is equal stays in the order of the run.
        if (a.key === undefined || b.key === undefined) {
          return (a.key === undefined) - (b.key === undefined) || a.entry.order - b.entry.order;
        }
        const difference = typeof a.key === "string" ? words.compare(a.key, b.key) : a.key - b.key;
        return sign * difference || a.entry.order - b.entry.order;
      });
      return keyed.map((one) => one.entry);
    };

    // The words of a row, without the names of its links.
    const text = (entry) => {
      entry.text ??= [...entry.row.cells]
        .map((one, index) => (columns[index] === "study" ? values.study(entry) : one.textContent))
        .join(" ")
        .toLowerCase();
      return entry.text;
    };
    const flagged = (entry, flag) => {
      if (!analyzed(entry)) return false;
      const noticed = cell(entry, "noticed");
      if (flag === "refused") return noticed.querySelector("b") !== null;
      const word = flag.replaceAll("_", " ");
      return [...noticed.querySelectorAll("b, i")].some((one) => one.textContent === word);
    };

    const select = () => {
      const [wanted, state, form, flag] = fields.map((field) => field.value);
      const parts = wanted.toLowerCase().split(/\s+/).filter(Boolean);
      matched = sorted(
        entries.filter(
          (entry) =>
            (state === "" || status(entry) === state) &&
            (form === "" || pattern(entry) === form) &&
            (flag === "" || flagged(entry, flag)) &&
            parts.every((part) => text(entry).includes(part)),
        ),
      );
    };

    const show = () => {
      const pages = Math.max(1, Math.ceil(matched.length / ROWS_PER_PAGE));
      page = Math.min(Math.max(1, page), pages);
      const first = (page - 1) * ROWS_PER_PAGE;
      const some = matched.slice(first, first + ROWS_PER_PAGE);
      body.replaceChildren(...some.map((entry) => entry.row));
      heads.forEach((head, index) => {
        if (columns[index] === sort) head.setAttribute("aria-sort", direction);
        else head.removeAttribute("aria-sort");
      });
      const range = pages > 1 ? `; rows ${first + 1} to ${first + some.length}` : "";
      shown.textContent =
        matched.length === entries.length
          ? `All ${entries.length} files${range}.`
          : `${matched.length} of ${entries.length} files match${range}.`;
      for (const pager of pagers) {
        pager.hidden = pages === 1;
        pager.querySelector("span").textContent = `Page ${page} of ${pages}`;
        for (const button of pager.querySelectorAll("button")) {
          const to = page + Number(button.dataset.step);
          button.disabled = to < 1 || to > pages;
        }
      }
    };

    const keep = () => {
      const view = new URLSearchParams();
      names.forEach((name, index) => {
        if (fields[index].value !== "") view.set(name, fields[index].value);
      });
      if (sort !== "number" || direction !== "ascending") {
        view.set("sort", sort);
        view.set("direction", direction);
      }
      if (page > 1) view.set("page", String(page));
      const fragment = view.toString();
      if (fragment !== location.hash.slice(1)) history.replaceState(null, "", `#${fragment}`);
    };

    const change = () => {
      select();
      show();
      keep();
    };

    const recall = () => {
      const view = new URLSearchParams(location.hash.slice(1));
      names.forEach((name, index) => {
        const field = fields[index];
        field.value = view.get(name) ?? "";
        // A choice that this run does not have is none.
        if (field.selectedIndex === -1) field.value = "";
      });
      const key = view.get("sort");
      sort = columns.includes(key) ? key : "number";
      const first = heads[columns.indexOf(sort)].dataset.first ?? "ascending";
      const wanted = view.get("direction");
      direction = wanted === "ascending" || wanted === "descending" ? wanted : first;
      page = Number.parseInt(view.get("page") ?? "1", 10) || 1;
      select();
      show();
    };

    heads.forEach((head, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => {
        if (sort === columns[index]) {
          direction = direction === "ascending" ? "descending" : "ascending";
        } else {
          sort = columns[index];
          direction = head.dataset.first ?? "ascending";
        }
        page = 1;
        change();
      });
      head.append(button);
    });
    filters.addEventListener("input", () => {
      page = 1;
      change();
    });
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("reset", (event) => {
      event.preventDefault();
      for (const field of fields) field.value = "";
      page = 1;
      change();
    });
    for (const pager of pagers) {
      pager.addEventListener("click", (event) => {
        const step = Number(event.target.dataset.step);
        if (!step) return;
        page += step;
        show();
        keep();
        table.scrollIntoView();
      });
    }
    addEventListener("hashchange", () => {
      recall();
      filters.scrollIntoView();
    });
    // On paper there are no pages to turn: the rows that match are printed, as many as a browser lays out in reasonable time.
    addEventListener("beforeprint", () => {
      const some = matched.slice(0, ROWS_PRINTED);
      body.replaceChildren(...some.map((entry) => entry.row));
      const all = some.length === matched.length ? "" : `; printed are the first ${some.length}, filter for the others`;
      shown.textContent = `${matched.length} of ${entries.length} files match${all}.`;
    });
    addEventListener("afterprint", show);

    filters.hidden = false;
    document.documentElement.className = "js ready";
    recall();
  };
  document.addEventListener("DOMContentLoaded", start);
})();
