"""What is wrong with a claim: mistakes put into the backward pass until its numbers are the claim's."""
