// Debian's TypeScript, and what it reads in the module's index.d.ts.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** The module's directory. */
export const CLIENT = fileURLToPath(new URL("../../../nginx/www/client/", import.meta.url));

const require = createRequire("/usr/share/nodejs/");
export const ts = require("typescript");

/** What index.d.ts declares: the names of exported values, and of each interface and class its members. */
export function declared() {
  const file = ts.createSourceFile("index.d.ts", readFileSync(`${CLIENT}index.d.ts`, "utf8"), ts.ScriptTarget.ES2022);
  const values = [];
  const members = new Map();
  for (const statement of file.statements) {
    if (!statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) values.push(statement.name.text);
    if (ts.isVariableStatement(statement)) {
      values.push(...statement.declarationList.declarations.map(({ name }) => name.text));
    }
    if (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) {
      members.set(statement.name.text, new Map(statement.members.filter(({ name }) => name).map((member) =>
        [member.name.text, { isMethod: ts.isMethodSignature(member), isOptional: Boolean(member.questionToken) }])));
    }
  }
  return { values, members };
}
