// Builds what the Python package ships: one stylesheet, one script, the images they name, the licences of
// everything inside, and the checksum of every file. The same input gives the same bytes.
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import * as sass from "sass";

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.resolve(here, process.argv[2] ?? "../src/concord/web/static/concord/vendor");
const modules = path.join(here, "node_modules");

await rm(out, { recursive: true, force: true });
await mkdir(path.join(out, "images"), { recursive: true });
await mkdir(path.join(out, "licences"), { recursive: true });

const compiled = sass.compile(path.join(here, "scss/concord.scss"), {
  loadPaths: [here, modules],
  style: "compressed",
  quietDeps: true,
  logger: { warn() {} },
});
// The crest belongs to GOV.UK; Concord does not use the footer that shows it.
const css = compiled.css.replace(/[^{}]*\{[^{}]*govuk-crest\.svg[^{}]*\}/g, "");
for (const banned of ["govuk-crest", "GDS Transport", "@font-face"]) {
  if (css.includes(banned)) throw new Error(`the stylesheet still holds “${banned}”, which is for GOV.UK alone`);
}
await writeFile(path.join(out, "concord.css"), css);

const images = new Set([...css.matchAll(/url\("?\.\/images\/([\w.-]+)"?\)/g)].map((match) => match[1]));
for (const name of images) {
  await copyFile(path.join(modules, "@ministryofjustice/frontend/moj/assets/images", name), path.join(out, "images", name));
}

await esbuild.build({
  entryPoints: [path.join(here, "js/concord.js")],
  outfile: path.join(out, "concord.js"),
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2020",
  legalComments: "none",
  logLevel: "warning",
});

const packages = ["govuk-frontend", "@ministryofjustice/frontend"];
const lines = [];
for (const name of packages) {
  const folder = path.join(modules, name);
  const about = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
  const licence = (await readdir(folder)).find((file) => /^licen[cs]e/i.test(file));
  const target = `${name.replace(/^@/, "").replace("/", "-")}.txt`;
  const text = licence
    ? await readFile(path.join(folder, licence), "utf8")
    : await readFile(path.join(here, "licences", target), "utf8");
  await writeFile(path.join(out, "licences", target), text);
  lines.push(`${name} ${about.version} ${about.license}`);
}
await writeFile(path.join(out, "licences", "README.txt"), `Built into concord.css and concord.js:\n\n${lines.join("\n")}\n`);

const files = (await readdir(out, { recursive: true, withFileTypes: true }))
  .filter((entry) => entry.isFile())
  .map((entry) => path.relative(out, path.join(entry.parentPath ?? entry.path, entry.name)).split(path.sep).join("/"))
  .sort();
const sums = [];
for (const file of files) {
  sums.push(`${createHash("sha256").update(await readFile(path.join(out, file))).digest("hex")}  ${file}`);
}
await writeFile(path.join(out, "SHA256SUMS"), `${sums.join("\n")}\n`);
console.log(`Built ${files.length} files into ${path.relative(process.cwd(), out) || out}`);
