"""Stage `expected`: median over the training scenes of each band's 2, 50 and 98 % quantile (reflectance), for the card."""
import json
import numpy as np
from setup import folder, recipe, train_cities, work

found = []
if not train_cities:
    from landscape import Landscapes
    found = [q[:, [1, 16, 31]] for land in Landscapes().all for q in land.q]
for name in train_cities:
    for date in np.load(f'{work}/scenes/{name}.npz')['dn'].astype(np.float32) / 10000:
        found.append(np.quantile(date.reshape(6, -1), [0.02, 0.5, 0.98], axis=1).T)
middle, low, high = (f(found, axis=0) for f in (np.median, np.min, np.max))
table = {b: {k: round(float(middle[i, j]), 4) for j, k in enumerate(('p2', 'p50', 'p98'))} for i, b in enumerate(recipe['bands'])}
json.dump(table, open(f'{folder}/expected.json', 'w'), indent=1)
print(json.dumps(table, indent=1), '\nlowest', low.round(3).tolist(), '\nhighest', high.round(3).tolist())
