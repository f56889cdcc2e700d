// Typed use and misuse of generated named types.
import {
  type Change,
  type Color,
  ColorValues,
  type Countries,
  CountriesValues,
  type Documented,
  type Either,
  type Empty,
  type Lookup,
  type Maybe,
  type Message,
  type Node,
  type Role,
  RoleValues,
  type Scalars,
  type Shapes,
  type Tree,
  type Trie,
  type UnknownChange,
} from "../../../testdata/golden/ts_types/events.js";

export const scalars: Scalars = {
  bool: true, string: "", int: 1, int8: 1, int16: 1, int32: 1, int64: 1, uint: 1, uint8: 1, uint16: 1,
  uint32: 1, uint64: 1, float32: 1.5, float64: 1.5, time: "2026-01-02T03:04:05Z", any: [{ a: null }],
  big: "18446744073709551615",
};
// @ts-expect-error wire: string makes it a string
scalars.big = 1;
// @ts-expect-error time is a string
scalars.time = new Date();
// @ts-expect-error any is unknown
scalars.any.length;

export const shapes: Shapes = {
  list: ["a"], matrix: [[1, 2], []], map: { a: 1 }, mapOfLists: { a: ["admin"] }, nullable: null,
  nullableList: null, listOfNullables: ["a", null], mapOfNullables: { a: null },
  inline: { width: 1, height: 2 }, level: "info",
};
shapes.three = null;
delete shapes.three;
// @ts-expect-error optional is not nullable
shapes.optional = null;
// @ts-expect-error absent is not undefined
shapes.optional = undefined;
// @ts-expect-error nullable is required
delete shapes.nullable;
// @ts-expect-error lists are never null
shapes.list = null;
// @ts-expect-error an element is not null
shapes.list = [null];
// @ts-expect-error one of the values
shapes.level = "error";
// @ts-expect-error a key may be missing
shapes.map["a"].toFixed();

export const role: Role = RoleValues[0];
export const roles: readonly Role[] = RoleValues;
export function isRole(s: string): s is Role {
  return (RoleValues as readonly string[]).includes(s);
}
// @ts-expect-error a closed enum
export const nobody: Role = "nobody";
// @ts-expect-error the list is constant
RoleValues.push("nobody");
export const known: Color = ColorValues[1];
export const unknown: Color = "blue";
// @ts-expect-error still a string
export const number: Color = 1;
export const country: Countries = CountriesValues[10];

export const empty: Empty = {};
export const documented: Documented = { a: "", b: "" };
export const lookup: Lookup = { a: ["b"] };
export const maybe: Maybe[] = [null, "a"];
export const node: Node = { value: 1, parent: null, children: [{ value: 2, parent: null, children: [] }] };
export const tree: Tree = [[], [[]]];
export const trie: Trie = { a: { b: {} } };
export const either: Either = [[], null, [null]];

export function message(m: Message): string {
  switch (m.kind) {
    case "text":
      // @ts-expect-error another variant's field
      void m.url;
      return m.text;
    case "image":
      return m.alt ?? m.url;
    case "thread":
      return m.messages.map(message).join();
  }
}
export const text: Message = { kind: "text", text: "hi" };
// @ts-expect-error an unknown tag
export const video: Message = { kind: "video", url: "" };
// @ts-expect-error the tag is missing
export const untagged: Message = { text: "hi" };
// @ts-expect-error the fields of another variant
export const mixed: Message = { kind: "text", url: "" };

export function change(c: Change): string {
  if (c.type === "add") return c.id;
  switch (c.type) {
    case "remove":
      return c.reason ?? c.id;
    default: {
      const other: UnknownChange = c;
      return String(other.type) + String(other["anything"]);
    }
  }
}
// @ts-expect-error an open union still needs the default
export function forgotten(c: Change): string {
  switch (c.type) {
    case "add":
      return c.id;
    case "remove":
      return c.id;
  }
}
// @ts-expect-error a tag that the schema lacks is not to be sent
export const moved: Change = { type: "move", id: "" };
