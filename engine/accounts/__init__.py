"""Carbon accounts: units, factor sets, activity data, inventories. Heavy libraries are imported where they are used."""
