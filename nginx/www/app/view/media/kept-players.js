// Players that were used or seen a moment ago. A row that comes back gets the same player, with its picture and the
// place up to which one has listened, and nothing is loaded again.

const MOST = 16;
// By key, the one that was used last at the end.
const players = new Map();

/** Returns the player that was kept under the key, unless it is still shown elsewhere, or one that `make` makes. */
export function keptPlayer(key, make) {
  const kept = players.get(key);
  const player = kept && !kept.isConnected ? kept : make();
  players.delete(key);
  players.set(key, player);
  if (players.size > MOST) players.delete(players.keys().next().value);
  return player;
}

/** Forgets a player, such as one that cannot play. */
export function forgetPlayer(player) {
  for (const [key, each] of players) if (each === player) players.delete(key);
}
