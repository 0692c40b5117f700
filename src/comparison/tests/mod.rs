mod reference;
mod simulation;
mod simulations;
mod table;
