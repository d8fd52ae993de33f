"""How a request is carried out: the functions of the contract, each written once and served by every door."""
