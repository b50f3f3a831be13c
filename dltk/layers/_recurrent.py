"""Recurrent layers: what LSTM, BiLSTM and GRU have in common, and the three themselves."""
