// Renders [{template, context}] from standard input with handlebars.js; writes [{text} or {error}].
// `compat` searches outer contexts, as Clarion does. Values are inserted as they are by replacing the escaping;
// the option `noEscape` would add up numbers that stand side by side.
const Handlebars = require(require.resolve("handlebars", { paths: [process.argv[2]] }));
Handlebars.Utils.escapeExpression = (value) => (value === null || value === undefined ? "" : String(value));

let input = "";
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  const answers = JSON.parse(input).map(({ template, context }) => {
    try {
      return { text: Handlebars.compile(template, { compat: true })(context) };
    } catch (error) {
      return { error: String(error.message) };
    }
  });
  process.stdout.write(JSON.stringify(answers));
});
