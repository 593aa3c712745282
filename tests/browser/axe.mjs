// Checks HTML files for accessibility: node axe.mjs FILE… (exit 0 none, 1 violations, 2 no check).
// Prints a JSON list of the violations. The packages are looked for in the working directory,
// then beside this file, then in NODE_PATH; CHROMIUM names the browser.

import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const WIDTHS = [360, 1280];
const SCHEMES = ["light", "dark"];
const HEIGHT = 900;

/** A package's main file, which `import` would not look for in the working directory or NODE_PATH. */
function find(name) {
  const folders = [
    process.cwd(),
    path.dirname(fileURLToPath(import.meta.url)),
    ...(process.env.NODE_PATH ?? "").split(path.delimiter).filter(Boolean),
  ];
  // require.resolve reads NODE_PATH itself; a folder there is named node_modules and holds packages.
  return createRequire(import.meta.url).resolve(name, { paths: folders });
}

/** What is wrong with one page as it stands now. */
async function violations(page) {
  const { violations: found } = await page.evaluate(() => window.axe.run(document));
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  const made = found.map(({ id, impact, help, helpUrl, nodes }) => ({
    rule: id,
    impact,
    help,
    helpUrl,
    nodes: nodes.map(({ target, html, failureSummary }) => ({
      target: target.join(" "),
      html,
      why: failureSummary,
    })),
  }));
  if (wide > 0) {
    made.push({ rule: "reflow", impact: "serious", help: `页面横向超出 ${wide} px`, nodes: [] });
  }
  return made;
}

/** Every violation of the files, at each width and in each colour scheme. */
async function check(files) {
  const { default: playwright } = await import(pathToFileURL(find("playwright-core")));
  const axe = await readFile(find("axe-core"), "utf8");
  const browser = await playwright.chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  const found = [];
  try {
    for (const file of files) {
      const url = pathToFileURL(path.resolve(file)).href;
      for (const width of WIDTHS) {
        for (const colorScheme of SCHEMES) {
          const context = await browser.newContext({
            viewport: { width, height: HEIGHT },
            colorScheme,
          });
          // The page must stand alone: whatever else it asks for is refused and reported.
          const asked = [];
          await context.route("**/*", (route) => {
            const wanted = route.request().url();
            if (wanted === url) return route.continue();
            asked.push(wanted);
            return route.abort();
          });
          const page = await context.newPage();
          await page.goto(url);
          const where = { file, width, scheme: colorScheme };
          found.push(...asked.map((help) => ({ ...where, rule: "external-request", help })));
          await page.evaluate(axe);
          found.push(...(await violations(page)).map((one) => ({ ...where, ...one })));
          await context.close();
        }
      }
    }
  } finally {
    await browser.close();
  }
  return found;
}

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error("usage: node axe.mjs FILE…");
  process.exit(2);
}
try {
  const found = await check(files);
  console.log(JSON.stringify(found, null, 2));
  process.exitCode = found.length > 0 ? 1 : 0;
} catch (error) {
  console.error(error);
  process.exitCode = 2;
}
