/** SQL for the names of all plans that ever ran, in a column `name`. */

export const PIPELINES = "SELECT DISTINCT pipeline AS name FROM plan ORDER BY name"

/** Of nodes and of their stages. */
export const STAGES = `SELECT json_extract(node.value, '$.name') AS name FROM plan, json_each(plan.description, '$.nodes') AS node
  UNION SELECT stage FROM recipe ORDER BY name`
