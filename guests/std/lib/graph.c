/* The graph. Nearness is higher for nearer ones; equal ones go by their numbers. */
#include "graph.h"
#include "heap.h"
#include "numbers.h"
#include "vocabulary.h"

enum { HIGHEST = 16 };

static uint32_t *links_of(const graph_t *it, uint32_t number, uint32_t level) {
  uint32_t ground = 1 + 2 * it->links;
  return it->nodes[number].links + (level ? ground + (level - 1) * (1 + it->links) : 0);
}

static size_t links_size(const graph_t *it, uint32_t level) {
  return (1 + 2 * it->links + level * (1 + it->links)) * sizeof(uint32_t);
}

static uint32_t most_links(const graph_t *it, uint32_t level) { return level ? it->links : 2 * it->links; }

static double nearness(const graph_t *it, const float *vector, uint32_t number) {
  return vector_nearness(it->metric, vector, it->nodes[number].vector, it->size);
}

/* Levels as of a draw from an exponential distribution, out of the hash. */
static uint32_t level_of(const graph_t *it, uint64_t hash) {
  double drawn = ((double)(hash >> 11) + 0.5) / 9007199254740992.0;
  double level = -natural_log(drawn) / natural_log(it->links);
  return level < HIGHEST ? (uint32_t)level : HIGHEST;
}

/* A heap in which what comes before, by `order`, is on top. */
typedef bool before_t(hit_t left, hit_t right);
static bool best_first(hit_t left, hit_t right) { return hit_before(left, right); }
static bool worst_first(hit_t left, hit_t right) { return hit_before(right, left); }

static void put(queue_t *to, hit_t hit, before_t *before) {
  MORE(*to);
  uint32_t place = to->count++;
  while (place && before(hit, to->at[(place - 1) / 2])) {
    to->at[place] = to->at[(place - 1) / 2];
    place = (place - 1) / 2;
  }
  to->at[place] = hit;
}

static hit_t take(queue_t *from, before_t *before) {
  hit_t taken = from->at[0], last = from->at[--from->count];
  uint32_t place = 0;
  for (;;) {
    uint32_t child = place * 2 + 1;
    if (child >= from->count) break;
    if (child + 1 < from->count && before(from->at[child + 1], from->at[child])) child++;
    if (!before(from->at[child], last)) break;
    from->at[place] = from->at[child];
    place = child;
  }
  from->at[place] = last;
  return taken;
}

/* The nearest node on a level, from another one on, by steps that come nearer. */
static hit_t nearer(const graph_t *it, const float *vector, hit_t from, uint32_t level) {
  for (bool moved = true; moved;) {
    moved = false;
    const uint32_t *links = links_of(it, from.index, level);
    for (uint32_t i = 1; i <= links[0]; i++) {
      hit_t hit = {links[i], nearness(it, vector, links[i])};
      if (hit_before(hit, from)) from = hit, moved = true;
    }
  }
  return from;
}

static bool first_visit(graph_t *it, uint32_t number) {
  if (it->visited[number] == it->visit) return false;
  it->visited[number] = it->visit;
  return true;
}

/* Up to `breadth` nodes near to the vector into `found`, the worst on top; hidden ones only where wanted. */
static void look_around(graph_t *it, const float *vector, hit_t from, uint32_t level, uint32_t breadth,
    bool hidden) {
  it->waiting.count = it->found.count = 0;
  it->visit++;
  first_visit(it, from.index);
  put(&it->waiting, from, best_first);
  if (hidden || it->nodes[from.index].alive) put(&it->found, from, worst_first);
  while (it->waiting.count) {
    hit_t here = take(&it->waiting, best_first);
    if (it->found.count == breadth && hit_before(it->found.at[0], here)) return;
    const uint32_t *links = links_of(it, here.index, level);
    for (uint32_t i = 1; i <= links[0]; i++) {
      if (!first_visit(it, links[i])) continue;
      hit_t hit = {links[i], nearness(it, vector, links[i])};
      if (it->found.count == breadth && !hit_before(hit, it->found.at[0])) continue;
      put(&it->waiting, hit, best_first);
      if (!hidden && !it->nodes[links[i]].alive) continue;
      put(&it->found, hit, worst_first);
      if (it->found.count > breadth) take(&it->found, worst_first);
    }
  }
}

/* Of candidates, best first, those that are nearer to the node than to any that was taken before. */
static uint32_t choose(const graph_t *it, hit_t *candidates, uint32_t count, uint32_t most) {
  uint32_t taken = 0;
  for (uint32_t i = 0; i < count && taken < most; i++) {
    const float *vector = it->nodes[candidates[i].index].vector;
    bool good = true;
    for (uint32_t k = 0; k < taken && good; k++) {
      good = nearness(it, vector, candidates[k].index) < candidates[i].score;
    }
    if (good) candidates[taken++] = candidates[i];
  }
  return taken;
}

static void sort_best_first(hit_t *hits, uint32_t count) {
  for (uint32_t i = 1; i < count; i++) {
    hit_t here = hits[i];
    uint32_t at = i;
    for (; at && hit_before(here, hits[at - 1]); at--) hits[at] = hits[at - 1];
    hits[at] = here;
  }
}

/* One link more; where there are too many, the ones that tell most stay. */
static void link_to(graph_t *it, uint32_t from, uint32_t to, uint32_t level) {
  uint32_t *links = links_of(it, from, level), most = most_links(it, level), count = links[0];
  if (count < most) {
    links[++links[0]] = to;
    return;
  }
  hit_t candidates[2 * 64 + 1];
  for (uint32_t i = 0; i <= count; i++) {
    uint32_t number = i < count ? links[i + 1] : to;
    candidates[i] = (hit_t){number, nearness(it, it->nodes[from].vector, number)};
  }
  sort_best_first(candidates, count + 1);
  links[0] = choose(it, candidates, count + 1, most);
  for (uint32_t i = 0; i < links[0]; i++) links[i + 1] = candidates[i].index;
}

static void make_room(graph_t *it, uint32_t number) {
  if (number < it->room) return;
  uint32_t room = it->room ? it->room : 64;
  while (room <= number) room *= 2;
  it->nodes = heap_again(it->nodes, it->room * sizeof(node_t), room * sizeof(node_t));
  it->visited = heap_again(it->visited, it->room * sizeof(uint32_t), room * sizeof(uint32_t));
  for (uint32_t i = it->room; i < room; i++) {
    it->nodes[i] = (node_t){0};
    it->visited[i] = 0;
  }
  it->room = room;
}

void graph_add(graph_t *it, uint32_t number, const float *vector, uint64_t hash) {
  make_room(it, number);
  uint32_t level = level_of(it, hash);
  node_t *node = &it->nodes[number];
  *node = (node_t){vector, heap_take(links_size(it, level)), (uint8_t)level, true, true};
  for (uint32_t i = 0; i <= level; i++) links_of(it, number, i)[0] = 0;
  it->alive++;
  if (!it->there++) {
    it->entry = number;
    it->top = level;
    return;
  }
  hit_t from = {it->entry, nearness(it, vector, it->entry)};
  for (uint32_t above = it->top; above > level; above--) from = nearer(it, vector, from, above);
  for (uint32_t here = level < it->top ? level + 1 : it->top + 1; here-- > 0;) {
    look_around(it, vector, from, here, it->build, true);
    hits_t near = {it->found.at, it->found.count, it->found.count};
    hits_sort(&near);
    from = near.at[0];
    uint32_t count = choose(it, near.at, near.count, it->links), *links = links_of(it, number, here);
    links[0] = count;
    for (uint32_t i = 0; i < count; i++) links[i + 1] = near.at[i].index;
    for (uint32_t i = 0; i < count; i++) link_to(it, links[i + 1], number, here);
  }
  if (level > it->top) {
    it->entry = number;
    it->top = level;
  }
}

void graph_hide(graph_t *it, uint32_t number) {
  it->nodes[number].alive = false;
  it->alive--;
}

void graph_clear(graph_t *it) {
  for (uint32_t i = 0; i < it->room; i++) {
    node_t *node = &it->nodes[i];
    if (node->there) heap_give(node->links, links_size(it, node->level));
    *node = (node_t){0};
  }
  it->there = it->alive = 0;
}

hits_t graph_search(graph_t *it, const float *vector, uint32_t most, uint32_t breadth, const uint32_t *order) {
  hits_t hits = hits_of(most);
  if (!it->alive) return hits;
  hit_t from = {it->entry, nearness(it, vector, it->entry)};
  for (uint32_t level = it->top; level > 0; level--) from = nearer(it, vector, from, level);
  look_around(it, vector, from, 0, breadth > most ? breadth : most, false);
  for (uint32_t i = 0; i < it->found.count; i++) {
    hits_add(&hits, order[it->found.at[i].index], it->found.at[i].score);
  }
  hits_sort(&hits);
  return hits;
}
