"""The words of the product as frozen dataclasses: records, facts, rules, packs, advice, answers."""
