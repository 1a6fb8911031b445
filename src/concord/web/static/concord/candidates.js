// Whom it may be, while somebody types. The server finds and decides what is shown; this keeps a list under the fields,
// in the pattern of a combobox: arrows move, Enter chooses, Escape closes. Without it the button finds the same people.
const PAUSE = 300;
const LEAST = 2;

for (const form of document.querySelectorAll("form[data-concord-find]")) start(form);

function start(form) {
  const fields = ["given_name", "family_name"].map((name) => form.elements[name]).filter(Boolean);
  if (!fields.length) return;
  const list = document.createElement("ul");
  list.id = `concord-found-${form.dataset.concordFind}`;
  list.className = "concord-options";
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Possible matches");
  list.hidden = true;
  const says = document.createElement("p");
  says.className = "govuk-body";
  says.setAttribute("role", "status");
  // Under the last name: what is offered stands where somebody looks while typing.
  fields.at(-1).closest(".govuk-form-group").after(says, list);
  for (const each of fields) {
    each.setAttribute("role", "combobox");
    each.setAttribute("aria-autocomplete", "list");
    each.setAttribute("aria-expanded", "false");
    each.setAttribute("aria-controls", list.id);
  }

  let timer = null;
  let asked = null;
  let active = -1;
  form.addEventListener("input", (event) => {
    if (!belongs(event.target)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  form.addEventListener("keydown", (event) => {
    if (!fields.includes(event.target) || list.hidden) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const many = list.children.length;
      move(event.key === "ArrowDown" ? (active + 1) % many : (active <= 0 ? many : active) - 1, event.target);
    } else if (event.key === "Enter" && active >= 0) {
      event.preventDefault();
      choose(list.children[active]);
    } else if (event.key === "Escape") {
      event.preventDefault();
      close();
    }
  });
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) choose(option);
  });

  function belongs(target) {
    return ["given_name", "family_name", "postcode", "born_on_0", "born_on_1", "born_on_2"].includes(target.name);
  }

  function value(name) {
    return (form.elements[name]?.value || "").trim();
  }

  async function ask() {
    const names = [value("given_name"), value("family_name")].filter((each) => each.length >= LEAST).length;
    const born = value("born_on_0") && value("born_on_1") && value("born_on_2").length === 4 ? 1 : 0;
    const place = value("postcode").length >= 5 ? 1 : 0;
    if (!names || names + born + place < 2) {
      close();
      return;
    }
    asked?.abort();
    asked = new AbortController();
    const sent = new FormData();
    for (const name of ["csrfmiddlewaretoken", "given_name", "family_name", "postcode"]) sent.set(name, value(name));
    if (born) for (const name of ["born_on_0", "born_on_1", "born_on_2"]) sent.set(name, value(name));
    sent.set("only", "list");
    try {
      const answer = await fetch(form.dataset.list, { method: "POST", body: sent, signal: asked.signal, redirect: "manual" });
      if (!answer.ok) throw new Error("no answer");
      show(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch (problem) {
      if (problem.name !== "AbortError") close();
    }
  }

  function show(page) {
    list.replaceChildren(...page.querySelectorAll("[role=option]"));
    active = -1;
    list.hidden = list.children.length === 0;
    expanded(!list.hidden);
    const words = page.querySelector("[data-said]")?.textContent.trim() || "";
    // Said again only when it changes: a live region that repeats itself is noise.
    if (says.textContent !== words) says.textContent = words;
  }

  function close() {
    // What is still on its way answers a question nobody asks any more.
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    list.replaceChildren();
    active = -1;
    expanded(false);
    says.textContent = "";
  }

  function expanded(open) {
    for (const each of fields) {
      each.setAttribute("aria-expanded", String(open));
      each.removeAttribute("aria-activedescendant");
    }
  }

  function move(to, field) {
    [...list.children].forEach((each, index) => each.setAttribute("aria-selected", String(index === to)));
    active = to;
    field.setAttribute("aria-activedescendant", list.children[to].id);
    list.children[to].scrollIntoView({ block: "nearest" });
  }

  function choose(option) {
    const act = form.dataset.concordFind;
    const { person, name } = option.dataset;
    if (act === "fill") fill(option.dataset);
    else if (act === "choose") tick(person, name, option);
    else window.location.assign(`${form.dataset.on}${person}/`);
  }

  function fill({ given, family, born, postcode, name }) {
    const [year, month, day] = (born || "--").split("-");
    const known = { given_name: given, family_name: family, postcode, born_on_0: day, born_on_1: month, born_on_2: year };
    for (const [field, said] of Object.entries(known)) {
      if (said && form.elements[field]) form.elements[field].value = field.startsWith("born_on") ? String(Number(said)) : said;
    }
    close();
    says.textContent = `Filled in what is on record of ${name}. Change what is no longer so.`;
    fields.at(-1).focus();
  }

  function tick(person, name, option) {
    const place = document.querySelector("[data-concord-choices]");
    let radio = [...place.querySelectorAll("input[type=radio]")].find((each) => each.value === person);
    if (!radio) {
      const template = place.querySelector("[data-concord-choice]").content.cloneNode(true);
      radio = template.querySelector("input");
      radio.value = person;
      radio.id = `person-found-${person}`;
      const label = template.querySelector("label");
      label.htmlFor = radio.id;
      label.textContent = option.firstElementChild.textContent;
      place.prepend(template);
    }
    close();
    radio.checked = true;
    radio.focus();
  }
}
