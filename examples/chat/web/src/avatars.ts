import { make } from "./dom";
import type { User } from "./events";

const side = 96; // pixels

/** Makes a square PNG of a picture, small enough for the contract's 65,536 bytes. */
export async function shrink(file: Blob): Promise<Blob> {
  const picture = await createImageBitmap(file);
  const canvas = make("canvas", { width: side, height: side });
  const scale = side / Math.min(picture.width, picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  canvas.getContext("2d")?.drawImage(picture, (side - width) / 2, (side - height) / 2, width, height);
  picture.close();
  return new Promise((resolve, reject) => {
    const done = (blob: Blob | null) => (blob ? resolve(blob) : reject(new Error("no PNG of this picture")));
    canvas.toBlob(done, "image/png");
  });
}

/** The address of a picture that came over the wire, as long as it is needed. */
class Picture {
  readonly #url: string;
  #loading = 0;
  #dropped = false;

  constructor(image: ArrayBuffer) {
    this.#url = URL.createObjectURL(new Blob([image], { type: "image/png" }));
  }

  element(): HTMLImageElement {
    const settled = () => {
      this.#loading--;
      this.#revoke();
    };
    this.#loading++;
    return make("img", { onload: settled, onerror: settled, src: this.#url, alt: "" });
  }

  /** No element will be asked for any more; those that are loading may end that. */
  drop(): void {
    this.#dropped = true;
    this.#revoke();
  }

  #revoke(): void {
    if (this.#dropped && this.#loading === 0) URL.revokeObjectURL(this.#url);
  }
}

/** The pictures of everybody, by user id. */
export class Avatars {
  readonly #pictures = new Map<number, Picture>();

  /** Takes what came over the wire: in a browser, bytes are an ArrayBuffer. */
  set(userId: number, image: ArrayBuffer | undefined): void {
    const old = this.#pictures.get(userId);
    if (image) this.#pictures.set(userId, new Picture(image));
    else this.#pictures.delete(userId);
    for (const e of document.querySelectorAll<HTMLElement>(`.avatar[data-user="${userId}"]`)) this.#fill(e, userId);
    old?.drop();
  }

  /** A user's picture, or the first letter of the name. It follows later changes. */
  show(user: User): HTMLElement {
    const e = make("span", { className: "avatar", ariaHidden: "true" });
    e.dataset["user"] = String(user.id);
    e.dataset["letter"] = [...user.name][0]?.toUpperCase() ?? "?";
    this.#fill(e, user.id);
    return e;
  }

  #fill(e: HTMLElement, userId: number): void {
    e.replaceChildren(this.#pictures.get(userId)?.element() ?? e.dataset["letter"] ?? "");
  }
}
