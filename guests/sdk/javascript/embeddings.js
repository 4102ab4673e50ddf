// Texts as vectors: by models that the manifest grants, on the machine of the world.
//
//   const [one, other] = await embeddings.embed("sentences", ["a cat", "a kitten"]);
//   const alike = one.reduce((sum, it, n) => sum + it * other[n], 0);
import { host } from "interpreter/host.js";

const asked = host["inference/embeddings"];

// How many numbers a vector of a model has.
export const dimensions = (model) => asked.dimensions(model);

// A promise of a vector (a `Float32Array`) for each text. What a vector is does not depend on what else is asked.
export async function embed(model, texts) {
  const given = Array.from(texts);
  if (given.length === 0) return [];
  const found = asked.embed(model, given);
  const size = found.length / given.length;
  return given.map((_, n) => found.slice(n * size, (n + 1) * size));
}
