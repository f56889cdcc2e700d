// The types that events.yaml maps to, as a user would have them.
export type UserID = string & { readonly brand: "UserID" };
export interface Money<C extends string> {
  amount: string;
  currency: C;
}
export type Item = "a" | "b";
