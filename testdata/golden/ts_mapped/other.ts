// A second module with a type of the same name, and a default export.
export type UserID = number & { readonly brand: "OtherUserID" };
export default interface Settings {
  dark: boolean;
}
