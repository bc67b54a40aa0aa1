"""Our MFCC are Kaldi's. Needs kaldi-native-fbank (extra ``training``)."""

import kaldi_native_fbank as knf
import numpy as np

from training.features import mfcc


def test_features_equal_kaldis() -> None:
    options = knf.MfccOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither = 16000, 0
    options.frame_opts.snip_edges, options.use_energy = True, False
    options.num_ceps = options.mel_opts.num_bins = 40
    options.mel_opts.low_freq, options.mel_opts.high_freq = 20, 7600
    rng = np.random.default_rng(1)
    samples = (rng.standard_normal(16000) * np.linspace(1, 3000, 16000)).astype(np.float32)
    kaldi = knf.OnlineMfcc(options)
    kaldi.accept_waveform(16000, samples)
    kaldi.input_finished()
    theirs = np.stack([kaldi.get_frame(i) for i in range(kaldi.num_frames_ready)])
    assert theirs.shape == (98, 40)
    assert np.abs(theirs - mfcc(samples)).max() < 1e-3
